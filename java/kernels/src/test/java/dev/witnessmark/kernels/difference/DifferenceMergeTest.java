package dev.witnessmark.kernels.difference;

import static dev.witnessmark.kernels.difference.Kernels.bits;
import static dev.witnessmark.kernels.difference.Kernels.fillRelated;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Chunks reduced by any thread in any order, merged in theirs. */
class DifferenceMergeTest {

  private static final int CHUNKS = 12;
  private static final int CHUNK = 10_000;

  @Test
  void theOrderOfTheWorkLeavesNoTrace() {
    List<Integer> order = new ArrayList<>();
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
      order.add(chunk);
    }
    List<List<Long>> first = reduceAndMerge(order);
    for (int seed = 0; seed < 5; seed++) {
      Collections.shuffle(order, new Random(seed));
      assertThat(reduceAndMerge(order)).isEqualTo(first);
    }
  }

  private static List<List<Long>> reduceAndMerge(List<Integer> order) {
    DifferenceSums[] sums = new DifferenceSums[CHUNKS];
    FloorSums[] floors = new FloorSums[CHUNKS];
    TopDifferences[] tops = new TopDifferences[CHUNKS];
    for (int chunk : order) {
      sums[chunk] = new DifferenceSums();
      floors[chunk] = new FloorSums();
      tops[chunk] = new TopDifferences(10);
      reduce(chunk, sums[chunk], floors[chunk], tops[chunk]);
    }
    DifferenceSums total = new DifferenceSums();
    FloorSums floor = new FloorSums();
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
      total.merge(sums[chunk]);
      floor.merge(floors[chunk]);
    }
    TopDifferences top = new TopDifferences(10);
    for (int chunk : order) {
      top.merge(tops[chunk]);
    }
    assertThat(total.pairs()).isEqualTo((long) CHUNKS * CHUNK);
    List<Long> indices = new ArrayList<>();
    for (TopDifferences.Entry entry : top.entries()) {
      indices.add(entry.index());
    }
    return List.of(bits(total), bits(floor), indices);
  }

  private static void reduce(int chunk, DifferenceSums sums, FloorSums floor, TopDifferences top) {
    DifferenceKernel kernel = DifferenceKernel.best();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment a = arena.allocate(4L * CHUNK);
      MemorySegment b = arena.allocate(4L * CHUNK);
      fillRelated(new SplittableRandom(chunk), a, b, 0, CHUNK, chunk % 3);
      for (int at = 0; at < CHUNK; at += DifferenceKernel.SEGMENT) {
        int elements = Math.min(DifferenceKernel.SEGMENT, CHUNK - at);
        long first = (long) chunk * CHUNK + at;
        long bytes = 4L * at;
        kernel.reduce(a, bytes, b, bytes, elements, sums);
        kernel.offer(a, bytes, b, bytes, elements, first, top);
        kernel.judge(a, bytes, b, bytes, a, bytes, b, bytes, elements, first, floor);
      }
    }
  }
}
