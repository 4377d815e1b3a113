package dev.witnessmark.kernels.difference;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Once compiled, no vector reaches the heap. */
@Tag("width")
class DifferenceAllocationTest {

  private static final int ELEMENTS = 2048;
  private static final int CALLS = 2000;

  @Test
  void callsAllocateNothing() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment a = arena.allocate(4L * ELEMENTS);
      MemorySegment b = arena.allocate(4L * ELEMENTS);
      Kernels.fillRelated(new SplittableRandom(1), a, b, 0, ELEMENTS, 0);
      DifferenceSums sums = new DifferenceSums();
      FloorSums floor = new FloorSums();
      TopDifferences top = new TopDifferences(10);
      long allocated = Long.MAX_VALUE;
      // The compiler works beside the test: wait for its result, but not for ever.
      for (int round = 0; round < 60 && allocated > CALLS; round++) {
        allocated = allocatedBy(a, b, sums, floor, top);
      }
      assertThat(allocated).isLessThanOrEqualTo(CALLS);
    }
  }

  private static long allocatedBy(
      MemorySegment a, MemorySegment b, DifferenceSums sums, FloorSums floor, TopDifferences top) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    DifferenceKernel kernel = DifferenceKernel.best();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int call = 0; call < CALLS; call++) {
      kernel.reduce(a, 0, b, 0, ELEMENTS, sums);
      kernel.offer(a, 0, b, 0, ELEMENTS, (long) call * ELEMENTS, top);
      kernel.judge(a, 0, b, 0, a, 0, b, 0, ELEMENTS, 0, floor);
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }
}
