package dev.witnessmark.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.witnessmark.kernels.conformance.Inputs;
import dev.witnessmark.kernels.conformance.Pattern;
import dev.witnessmark.kernels.operation.Arithmetic;
import dev.witnessmark.kernels.operation.Operation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** At the width that the platform prefers: what is emulated allocates in any case. */
class HostAllocationTest {

  /** A vector that the compiler fails to keep in a register becomes an object. */
  @ParameterizedTest
  @MethodSource("dev.witnessmark.kernels.host.HostVectorTest#everyLoop")
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
