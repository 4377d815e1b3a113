package dev.witnessmark.kernels.decode;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.witnessmark.format.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A vector that the compiler fails to keep in a register becomes an object, and the code a hundred
 * times slower. Compiled code must not allocate.
 */
class AllocationTest {

  private static final int ELEMENTS = 2048;

  @ParameterizedTest
  @EnumSource
  void allocatesNothing(TensorType type) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stored = arena.allocate(type.bytes(ELEMENTS));
      MemorySegment values = arena.allocate(4L * ELEMENTS);
      MemorySegment bounds = arena.allocate(4L * ELEMENTS);
      Decoder decoder = Decoders.best(type);
      assertSettlesWithoutAllocation(() -> {
        decoder.decode(stored, 0, values, 0, ELEMENTS);
        if (decoder.hasDerivedBound()) {
          decoder.bounds(stored, 0, values, 0, bounds, 0, ELEMENTS);
        }
      });
    }
  }

  /** Runs until the compiler is done, however long that takes on a busy machine. */
  private static void assertSettlesWithoutAllocation(Runnable call) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    long allocated;
    do {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 100; i++) {
        call.run();
      }
      allocated = threads.getCurrentThreadAllocatedBytes() - before;
    } while (allocated > 0 && System.nanoTime() < deadline);
    assertThat(allocated).isZero();
  }
}
