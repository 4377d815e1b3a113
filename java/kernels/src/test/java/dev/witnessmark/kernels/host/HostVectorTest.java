package dev.witnessmark.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.witnessmark.kernels.VectorWidth;
import dev.witnessmark.kernels.conformance.Conformance;
import dev.witnessmark.kernels.conformance.Inputs;
import dev.witnessmark.kernels.conformance.Pattern;
import dev.witnessmark.kernels.conformance.Trial;
import dev.witnessmark.kernels.operation.Arithmetic;
import dev.witnessmark.kernels.operation.MatVecQ8;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.kernels.testing.GoldenCase;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("width")
class HostVectorTest {

  static Stream<GoldenCase> golden() {
    return GoldenCase.all();
  }

  /** Shapes that reach every inner loop more than once, and its remainders. */
  static Stream<Operation> larger() {
    return MatVecQ8.TYPES.stream()
        .sorted()
        .sorted()
        .flatMap(type ->
            Stream.of(
                new MatVecQ8(type, 19, 136 * type.blockElements(), 2),
                new MatVecQ8(type, 3, 269 * type.blockElements(), 2)));
  }

  @Test
  void vectorsAreUsed() {
    assertThat(HostDevice.best().name()).isEqualTo("cpu vector-" + VectorWidth.bits());
    assertThat(HostDevice.all()).extracting(HostDevice::name).startsWith("cpu scalar").hasSize(2);
  }

  @ParameterizedTest
  @MethodSource("golden")
  void resultsAreGolden(GoldenCase golden) {
    assertThat(golden.check(HostDevice.best())).isEmpty();
  }

  @Test
  void bitsAreThoseOfTheOracleOnTheWholeTable() {
    HostDevice device = HostDevice.best();
    assertThat(Trial.all())
        .allSatisfy(trial -> assertThat(Conformance.check(trial, device)).isEmpty());
  }

  @ParameterizedTest
  @MethodSource("larger")
  void bitsAreThoseOfTheOracleForLargerShapes(Operation operation) {
    assertThat(Conformance.check(new Trial(operation, Pattern.CANCELLING), HostDevice.best()))
        .isEmpty();
  }

  /**
   * A vector that the compiler fails to keep in a register becomes an object. What a run allocates
   * in the end, for descriptions of the operation, does not depend on the shape.
   */
  @ParameterizedTest
  @MethodSource("larger")
  void compiledCodeAllocatesNothing(Operation operation) {
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> operands = Inputs.of(operation, Pattern.RANDOM, arena);
      HostKernel kernel = new VectorKernels().find(operation, Arithmetic.CANONICAL).orElseThrow();
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      long allocated;
      do {
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 20; i++) {
          kernel.run(operands);
        }
        allocated = threads.getCurrentThreadAllocatedBytes() - before;
      } while (allocated > 0 && System.nanoTime() < deadline);
      assertThat(allocated).isZero();
    }
  }
}
