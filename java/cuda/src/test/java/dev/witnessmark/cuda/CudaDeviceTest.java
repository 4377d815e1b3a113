package dev.witnessmark.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.witnessmark.cuda.driver.DeviceMemory;
import dev.witnessmark.cuda.driver.DriverException;
import dev.witnessmark.cuda.driver.TestKernels;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.conformance.Conformance;
import dev.witnessmark.kernels.conformance.Pattern;
import dev.witnessmark.kernels.conformance.Trial;
import dev.witnessmark.kernels.operation.Add;
import dev.witnessmark.kernels.operation.Arithmetic;
import dev.witnessmark.kernels.operation.Compare;
import dev.witnessmark.kernels.operation.Dequantise;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.MatVecF32;
import dev.witnessmark.kernels.operation.Operand;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.kernels.operation.OutOfDeviceMemoryException;
import dev.witnessmark.kernels.operation.Pool;
import dev.witnessmark.kernels.operation.RmsNorm;
import dev.witnessmark.kernels.operation.Summarise;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("device")
class CudaDeviceTest {

  @SuppressWarnings("NullAway.Init") // Set before each test.
  private CudaDevice device;

  @BeforeEach
  void open() {
    device = TestCudaDevice.open();
  }

  @AfterEach
  void close() {
    device.close();
  }

  private static List<DeviceMemory> operands(Pool<DeviceMemory> pool, Operation operation) {
    return operation.operands().stream().map(Operand::bytes).map(pool::allocate).toList();
  }

  @Test
  void whatHasNoKernelIsRefused() {
    Add add = new Add(4);
    try (Pool<DeviceMemory> pool = device.pool()) {
      List<DeviceMemory> operands = operands(pool, add);

      assertThat(device.supports(add, Arithmetic.CANONICAL)).isTrue();
      assertThat(device.supports(add, Arithmetic.FAST)).isFalse();
      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(() -> device.run(add, Arithmetic.FAST, operands))
          .withMessageContaining(device.name())
          .withMessageContaining("FAST");
    }
  }

  @Test
  void operandsOfAnotherSizeAreRefused() {
    try (Pool<DeviceMemory> pool = device.pool()) {
      List<DeviceMemory> operands = operands(pool, new Add(4));

      assertThatIllegalArgumentException()
          .isThrownBy(() -> device.run(new Add(5), operands))
          .withMessageContaining("16 bytes, needs 20");
    }
  }

  @Test
  void memoryEndsWithItsPool() {
    DeviceMemory memory;
    try (Pool<DeviceMemory> pool = device.pool()) {
      memory = pool.allocate(16);
    }
    assertThatIllegalStateException()
        .isThrownBy(() -> device.run(new Add(4), List.of(memory, memory, memory)))
        .withMessageContaining("is closed");
  }

  @Test
  void nothingCanBeComputed() {
    try (Pool<DeviceMemory> pool = device.pool()) {
      for (Operation nothing :
          List.of(
              new Add(0),
              new Dequantise(TensorType.Q4_K, 0),
              new MatVecF32(TensorType.F32, 0, 8, 1))) {
        List<DeviceMemory> operands = operands(pool, nothing);
        device.upload(MemorySegment.ofArray(new byte[0]), operands.getLast());
        device.run(nothing, operands);
        device.download(operands.getLast(), MemorySegment.ofArray(new byte[0]));
      }
      Trial summary = new Trial(new Summarise(0), Pattern.RANDOM);
      assertThat(Conformance.check(summary, device)).isEmpty();
      Compare compare = new Compare(0, 5);
      List<DeviceMemory> operands = operands(pool, compare);
      device.upload(
          MemorySegment.ofArray(new long[Compare.BINS]).fill((byte) 1), operands.getLast());
      device.run(compare, operands);
      MemorySegment histogram = MemorySegment.ofArray(new long[Compare.BINS]);
      device.download(operands.getLast(), histogram);

      assertThat(histogram.toArray(ValueLayout.JAVA_LONG)).containsOnly(0);
    }
  }

  @Test
  void summariesHaveMoreSegmentsThanTheyHaveLanes() {
    Summarise longer = new Summarise(257L * Summarise.SEGMENT + 5);

    assertThat(Conformance.check(new Trial(longer, Pattern.CANCELLING), device)).isEmpty();
  }

  @Test
  void memoryThatIsNotThereIsTold() {
    try (Pool<DeviceMemory> pool = device.pool()) {
      long bytes = device.driverDevice().memoryBytes() + 1;

      assertThatExceptionOfType(OutOfDeviceMemoryException.class)
          .isThrownBy(() -> pool.allocate(bytes))
          .withMessageContaining(Long.toString(bytes))
          .withMessageContaining("cuda:0");
    }
  }

  @Test
  void timeIsTakenOnTheDevice() {
    Add add = new Add(1000);
    try (Pool<DeviceMemory> pool = device.pool()) {
      List<DeviceMemory> operands = operands(pool, add);

      assertThat(device.nanoseconds(() -> device.run(add, operands)))
          .isNotNegative()
          .isLessThan(60e9);
    }
  }

  @Test
  void aKernelOfOnesOwnTakesThePlaceOfOurs() {
    Trial add = new Trial(new Add(5003), Pattern.RANDOM);
    Trial norm = new Trial(new RmsNorm(3, 257, 1e-5f), Pattern.RANDOM);
    try (Device<DeviceMemory> ownAdd = device.withOwn("add", TestKernels.image(), "own_add");
        Device<DeviceMemory> wrong = device.withOwn("rms_norm", TestKernels.image(), "rms_norm")) {
      assertThat(Conformance.check(add, ownAdd)).isEmpty();
      assertThat(Conformance.check(norm, wrong)).as("one that is wrong").isPresent();
      assertThat(Conformance.check(norm, ownAdd)).as("another operation").isEmpty();
      assertThat(Conformance.check(norm, device)).as("on the device itself").isEmpty();
    }
  }

  @Test
  void aKernelOfOnesOwnHasToExistAndTakeTheArguments() {
    assertThatExceptionOfType(DriverException.class)
        .isThrownBy(() -> device.withOwn("add", TestKernels.image(), "absent"))
        .withMessageContaining("absent");
    try (Device<DeviceMemory> own = device.withOwn("add", TestKernels.image(), "affine")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Conformance.check(new Trial(new Add(5003), Pattern.RANDOM), own))
          .withMessage("kernel affine takes 5 arguments, 4 were given");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> own.run(new Add(5), List.of()))
          .withMessage("add takes 3 operands, got 0");
    }
  }
}
