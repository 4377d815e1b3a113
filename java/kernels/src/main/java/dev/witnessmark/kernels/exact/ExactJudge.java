package dev.witnessmark.kernels.exact;

import dev.witnessmark.kernels.CompensatedSum;
import dev.witnessmark.kernels.difference.JudgedSegment;
import dev.witnessmark.kernels.operation.Judge;
import dev.witnessmark.kernels.operation.RowSegments;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * What is within its allowance and by how much, by definition: allowance, difference and ratio are
 * float32, each rounded once. Only the sum of the squares of real differences is anything else: u
 * is 2⁻⁵³, and a term passes through ⌈n/16⌉ fmas and 4 additions; before, its difference is
 * rounded, which counts twice when it is squared, here and there, and here the square and the sum
 * as well.
 */
final class ExactJudge {

  private static final double ROUNDING = 0x1p-53;
  private static final int LANES = 16;

  private ExactJudge() {}

  static List<Reference> of(
      Judge o, MemorySegment a, MemorySegment b, MemorySegment boundsA, MemorySegment boundsB) {
    RowSegments cut = o.segments();
    int segments = Math.toIntExact(cut.count());
    Bounded[] sums = new Bounded[segments];
    Bounded[] ratios = new Bounded[segments];
    Bounded[] indices = new Bounded[segments];
    Bounded[] differing = new Bounded[segments];
    Bounded[] within = new Bounded[segments];
    for (int segment = 0; segment < segments; segment++) {
      long first = cut.first(segment);
      int elements = cut.length(segment);
      CompensatedSum sum = new CompensatedSum();
      float largest = 0;
      int index = -1;
      int differ = 0;
      int inside = 0;
      for (int i = 0; i < elements; i++) {
        float x = Numbers.f32(a, first + i);
        float y = Numbers.f32(b, first + i);
        if (x == y || Float.floatToRawIntBits(x) == Float.floatToRawIntBits(y)) {
          continue;
        }
        differ++;
        float allowed = Numbers.f32(boundsA, first + i) + Numbers.f32(boundsB, first + i);
        float difference = Math.abs(x - y);
        boolean finite = Float.isFinite(x) && Float.isFinite(y);
        if (finite && difference <= allowed) {
          inside++;
          double delta = (double) x - y;
          sum.add(delta * delta);
        }
        float ratio = finite && allowed >= 0 ? difference / allowed : Float.POSITIVE_INFINITY;
        if (ratio > largest) {
          largest = ratio;
          index = i;
        }
      }
      double gamma = Bounded.gamma(Math.ceilDiv(elements, LANES) + 9L, ROUNDING);
      sums[segment] = new Bounded(sum.value(), gamma * sum.value());
      ratios[segment] = Bounded.exactly(largest);
      indices[segment] = Bounded.exactly(index);
      differing[segment] = Bounded.exactly(differ);
      within[segment] = Bounded.exactly(inside);
    }
    return List.of(
        Reference.of("segments: ΣΔ² within", 4, (s, i) -> Numbers.f64At(s, record(i)), sums),
        Reference.of("segments: ratio", 4, (s, i) -> Numbers.f32At(s, record(i) + 8), ratios),
        Reference.of("segments: index", 4, (s, i) -> Numbers.i32At(s, record(i) + 12), indices),
        Reference.of(
            "segments: differing", 4, (s, i) -> Numbers.i32At(s, record(i) + 16), differing),
        Reference.of("segments: within", 4, (s, i) -> Numbers.i32At(s, record(i) + 20), within));
  }

  private static long record(long segment) {
    return segment * JudgedSegment.BYTES;
  }
}
