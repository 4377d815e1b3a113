package dev.witnessmark.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.witnessmark.cuda.driver.DeviceMemory;
import dev.witnessmark.cuda.driver.TestKernels;
import dev.witnessmark.kernels.conformance.Conformance;
import dev.witnessmark.kernels.conformance.Inputs;
import dev.witnessmark.kernels.conformance.Pattern;
import dev.witnessmark.kernels.conformance.Trial;
import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.kernels.operation.Add;
import dev.witnessmark.kernels.operation.Attention;
import dev.witnessmark.kernels.operation.Compare;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.Element;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.kernels.operation.Pool;
import dev.witnessmark.kernels.operation.Replay;
import dev.witnessmark.kernels.operation.RmsNorm;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Work that is recorded once and done as often as wanted. */
@Tag("device")
class ReplayTest {

  /** Scratch memory of several sizes, and a histogram that has to be cleared each time. */
  private static final List<Operation> OPERATIONS =
      List.of(
          new Attention(1, 4, 2, 64, 40, Element.FLOAT32),
          new RmsNorm(3, 257, 1e-5f),
          new Attention(2, 4, 2, 64, 300, Element.FLOAT16),
          new Compare(2, 9001));

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

  private static List<List<MemorySegment>> inputs(Pattern pattern, Arena arena) {
    return OPERATIONS.stream().map(operation -> Inputs.of(operation, pattern, arena)).toList();
  }

  private void upload(List<List<MemorySegment>> from, List<List<DeviceMemory>> to) {
    for (int i = 0; i < from.size(); i++) {
      for (int k = 0; k < from.get(i).size(); k++) {
        device.upload(from.get(i).get(k), to.get(i).get(k));
      }
    }
  }

  private void runAll(List<List<DeviceMemory>> operands) {
    for (int i = 0; i < OPERATIONS.size(); i++) {
      device.run(OPERATIONS.get(i), operands.get(i));
    }
  }

  private void assertOracle(List<List<MemorySegment>> inputs, List<List<DeviceMemory>> operands) {
    for (int i = 0; i < OPERATIONS.size(); i++) {
      Operation operation = OPERATIONS.get(i);
      HostDevice.scalar().run(operation, inputs.get(i));
      for (int k = 0; k < operands.get(i).size(); k++) {
        MemorySegment expected = inputs.get(i).get(k);
        MemorySegment actual = MemorySegment.ofArray(new byte[(int) expected.byteSize()]);
        device.download(operands.get(i).get(k), actual);
        assertThat(Conformance.compare(operation.operands().get(k), expected, actual))
            .as("operand %d of %s", k, operation)
            .isEmpty();
      }
    }
  }

  @Test
  void bitsAreThoseOfTheOracleAlsoForOtherContents() {
    try (Arena arena = Arena.ofConfined();
        Pool<DeviceMemory> pool = device.pool()) {
      List<List<MemorySegment>> random = inputs(Pattern.RANDOM, arena);
      List<List<DeviceMemory>> operands = new ArrayList<>();
      for (List<MemorySegment> of : random) {
        operands.add(of.stream().map(operand -> pool.allocate(operand.byteSize())).toList());
      }
      upload(random, operands);
      try (Replay replay = device.record(() -> runAll(operands)).orElseThrow()) {
        MemorySegment untouched = MemorySegment.ofArray(new byte[8]);
        device.download(operands.getFirst().getLast().slice(0, 8), untouched);
        assertThat(untouched.toArray(ValueLayout.JAVA_BYTE))
            .as("recorded, not done")
            .containsOnly(0xa5);
        replay.run();
        assertOracle(random, operands);

        List<List<MemorySegment>> other = inputs(Pattern.CANCELLING, arena);
        upload(other, operands);
        // The device's scratch memory moves when it grows; that of the recording must not.
        assertThat(
                Conformance.check(
                    new Trial(new Attention(3, 8, 2, 64, 700, Element.FLOAT32), Pattern.RANDOM),
                    device))
            .isEmpty();
        replay.run();
        replay.run();
        assertOracle(other, operands);
      }
    }
  }

  @Test
  void copiesAndKernelsOfOnesOwnAreRecorded() {
    Add add = new Add(2);
    try (Pool<DeviceMemory> pool = device.pool();
        Device<DeviceMemory> own = device.withOwn("add", TestKernels.image(), "own_add")) {
      DeviceMemory sum = pool.allocate(8);
      DeviceMemory next = pool.allocate(8);
      DeviceMemory one = pool.allocate(8);
      device.upload(MemorySegment.ofArray(new float[] {1, 2}), one);
      device.upload(MemorySegment.ofArray(new float[2]), sum);
      try (Replay replay =
          own.record(
                  () -> {
                    own.run(add, List.of(sum, one, next));
                    device.copy(next, sum);
                  })
              .orElseThrow()) {
        for (int i = 0; i < 5; i++) {
          replay.run();
        }
      }
      MemorySegment result = MemorySegment.ofArray(new float[2]);
      device.download(sum, result);
      assertThat(result.toArray(ValueLayout.JAVA_FLOAT)).containsExactly(5, 10);
    }
  }

  @Test
  void memoryThatIsClosedEndsIt() {
    Add add = new Add(2);
    Pool<DeviceMemory> pool = device.pool();
    DeviceMemory memory = pool.allocate(8);
    DeviceMemory sum = pool.allocate(8);
    try (Replay replay =
        device.record(() -> device.run(add, List.of(memory, memory, sum))).orElseThrow()) {
      replay.run();
      pool.close();

      assertThatIllegalStateException().isThrownBy(replay::run).withMessageContaining("is closed");
      assertThatIllegalStateException()
          .isThrownBy(() -> device.record(() -> device.run(add, List.of(memory, memory, sum))))
          .withMessageContaining("is closed");
    }
  }

  @Test
  void whatNeedsTheHostCannotBeRecordedAndTheDeviceGoesOn() {
    MemorySegment host = MemorySegment.ofArray(new float[2]);
    try (Pool<DeviceMemory> pool = device.pool();
        Replay nothing = device.record(() -> {}).orElseThrow()) {
      DeviceMemory memory = pool.allocate(8);
      for (Runnable step :
          List.<Runnable>of(
              () -> device.upload(host, memory),
              () -> device.download(memory, host),
              device::synchronise,
              nothing::run,
              () -> device.nanoseconds(() -> {}),
              () -> device.record(() -> {}))) {
        assertThatIllegalStateException()
            .isThrownBy(() -> device.record(step))
            .withMessageContaining(device.name());
      }
      assertThatExceptionOfType(ArithmeticException.class)
          .isThrownBy(() -> device.record(() -> Math.floorDiv(1, 0)));
      assertThat(Conformance.check(new Trial(new Add(5003), Pattern.RANDOM), device)).isEmpty();
    }
  }

  @Test
  void nothingCanBeRecorded() {
    try (Replay replay = device.record(() -> {}).orElseThrow()) {
      replay.run();
      device.synchronise();
    }
  }

  @Test
  void theProcessorRecordsNothing() {
    assertThat(
            HostDevice.best()
                .record(() -> {
                  throw new AssertionError("was run");
                }))
        .isEmpty();
  }
}
