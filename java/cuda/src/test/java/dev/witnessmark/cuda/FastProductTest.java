package dev.witnessmark.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.witnessmark.cuda.blas.Blas;
import dev.witnessmark.cuda.driver.DeviceMemory;
import dev.witnessmark.cuda.driver.DriverUnavailable;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.conformance.Conformance;
import dev.witnessmark.kernels.conformance.Inputs;
import dev.witnessmark.kernels.conformance.Pattern;
import dev.witnessmark.kernels.exact.Exact;
import dev.witnessmark.kernels.exact.Judgement;
import dev.witnessmark.kernels.exact.SumOrder;
import dev.witnessmark.kernels.operation.Arithmetic;
import dev.witnessmark.kernels.operation.MatVecF32;
import dev.witnessmark.kernels.operation.Pool;
import dev.witnessmark.kernels.operation.Replay;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products in fast arithmetic, by the installed cuBLAS or by one of naive loops. */
@Tag("device")
class FastProductTest {

  @TempDir static Path folder;

  @SuppressWarnings("NullAway.Init") // Set before the first test.
  private static CudaDevice device;

  @BeforeAll
  static void open() throws DriverUnavailable {
    if (!TestCudaDevice.isEmulated()) {
      device = TestCudaDevice.open();
      return;
    }
    Compiled.library("cublas.c", folder.resolve("libcublas.so.13"));
    Compiled.library("cublas.c", folder.resolve("libcublasLt.so.13"));
    device =
        CudaDevice.open(
            "with cuBLAS",
            TestCudaDevice.driverDevice(),
            KernelImages.emulated(TestCudaDevice.folder()),
            context -> Blas.in(folder, context));
  }

  @AfterAll
  static void close() {
    device.close();
  }

  private static void assumeCublas() {
    MatVecF32 any = new MatVecF32(TensorType.F32, 1, 1, 1);
    assumeTrue(device.supports(any, Arithmetic.FAST), "no cuBLAS is installed here");
  }

  private static List<Judgement> judged(MatVecF32 product, Pattern pattern, SumOrder order) {
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> operands = Inputs.of(product, pattern, arena);
      return Exact.judge(
          product, Conformance.run(product, Arithmetic.FAST, device, operands, arena), order);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "Q4_K, 17, 512",
    "Q4_K, 64, 256",
    "Q6_K, 17, 256",
    "Q6_K, 64, 512",
    "F16, 17, 300",
    "F16, 64, 31",
    "F32, 17, 300",
    "F32, 64, 31",
    "BF16, 16, 300",
    "I8, 16, 33",
    "Q8_0, 16, 32"
  })
  void largeBatchesAreWithinTheBudgetOfTensorCores(TensorType type, int batch, int columns) {
    assumeCublas();
    MatVecF32 product = new MatVecF32(type, 37, columns, batch);
    for (Pattern pattern : List.of(Pattern.RANDOM, Pattern.CANCELLING, Pattern.SUBNORMAL)) {
      assertThat(judged(product, pattern, SumOrder.BFLOAT16))
          .as(pattern.toString())
          .allMatch(Judgement::within)
          .allMatch(judgement -> judgement.unlimited() == 0);
    }
  }

  /** Budgets of float32 do not do: the factors really are rounded. */
  @Test
  void largeBatchesAreRounded() {
    assumeCublas();
    MatVecF32 product = new MatVecF32(TensorType.F32, 37, 64, 16);

    assertThat(judged(product, Pattern.RANDOM, SumOrder.ANY)).noneMatch(Judgement::within);
  }

  @Test
  void smallBatchesOfFloatsAreFloat32() {
    assumeCublas();
    MatVecF32 product = new MatVecF32(TensorType.F32, 37, 300, 15);

    assertThat(judged(product, Pattern.RANDOM, SumOrder.ANY))
        .allMatch(Judgement::within)
        .allMatch(judgement -> judgement.unlimited() == 0);
  }

  @Test
  void smallBatchesOfOthersAreNotFast() {
    assertThat(device.supports(new MatVecF32(TensorType.F16, 37, 300, 15), Arithmetic.FAST))
        .isFalse();
    assertThat(device.supports(new MatVecF32(TensorType.F32, 0, 300, 16), Arithmetic.FAST))
        .isFalse();
  }

  /** The same operation in both arithmetics, in either order, is two things. */
  @Test
  void fastIsNeverTakenForCanonical() {
    assumeCublas();
    MatVecF32 product = new MatVecF32(TensorType.Q4_K, 5, 256, 16);
    assertThat(judged(product, Pattern.RANDOM, SumOrder.CANONICAL)).noneMatch(Judgement::within);
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> operands = Inputs.of(product, Pattern.RANDOM, arena);
      assertThat(Exact.judge(product, Conformance.run(product, device, operands, arena)))
          .allMatch(Judgement::within);
    }
    assertThat(judged(product, Pattern.RANDOM, SumOrder.CANONICAL)).noneMatch(Judgement::within);
  }

  @Test
  void theVendorsProductCanBeTimed() {
    assumeCublas();
    try (VendorProduct product = device.vendorProduct(8).orElseThrow()) {
      assertThat(product.operations()).isEqualTo(1024);
      assertThat(device.nanoseconds(product::run)).isNotNegative().isLessThan(60e9);
    }
  }

  @Test
  void withoutCublasNothingIsFast() {
    assumeTrue(TestCudaDevice.isEmulated(), "cuBLAS may be installed here");
    try (CudaDevice without = TestCudaDevice.open();
        Pool<DeviceMemory> pool = without.pool()) {
      assertThat(without.vendorProduct(8)).isEmpty();
      for (MatVecF32 product :
          List.of(
              new MatVecF32(TensorType.Q4_K, 37, 512, 64),
              new MatVecF32(TensorType.F32, 37, 512, 2))) {
        assertThat(without.supports(product, Arithmetic.FAST)).isFalse();
        List<DeviceMemory> operands =
            product.operands().stream().map(operand -> pool.allocate(operand.bytes())).toList();
        assertThatExceptionOfType(UnsupportedOperationException.class)
            .isThrownBy(() -> without.run(product, Arithmetic.FAST, operands))
            .withMessageContaining("FAST");
      }
    }
  }

  @Test
  void aFastProductCanBeRecorded() {
    assumeFalse(TestCudaDevice.isEmulated(), "the cuBLAS of naive loops waits for its stream");
    assumeCublas();
    MatVecF32 product = new MatVecF32(TensorType.Q4_K, 37, 512, 64);
    try (Arena arena = Arena.ofConfined();
        Pool<DeviceMemory> pool = device.pool()) {
      List<MemorySegment> operands = Inputs.of(product, Pattern.RANDOM, arena);
      List<DeviceMemory> memories = new ArrayList<>();
      for (MemorySegment operand : operands) {
        DeviceMemory memory = pool.allocate(operand.byteSize());
        device.upload(operand, memory);
        memories.add(memory);
      }
      try (Replay replay =
          device.record(() -> device.run(product, Arithmetic.FAST, memories)).orElseThrow()) {
        replay.run();
        device.download(memories.getLast(), operands.getLast());
        assertThat(Exact.judge(product, operands, SumOrder.BFLOAT16)).allMatch(Judgement::within);
        replay.run();
        MemorySegment again = arena.allocate(operands.getLast().byteSize(), Float.BYTES);
        device.download(memories.getLast(), again);
        assertThat(again.toArray(ValueLayout.JAVA_FLOAT))
            .isEqualTo(operands.getLast().toArray(ValueLayout.JAVA_FLOAT));
      }
    }
  }
}
