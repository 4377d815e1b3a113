package dev.witnessmark.kernels.exact;

import dev.witnessmark.kernels.operation.Attention;
import dev.witnessmark.kernels.operation.AttentionScores;
import dev.witnessmark.kernels.operation.Element;
import java.lang.foreign.MemorySegment;

/**
 * Attention, one query and one head at a time.
 *
 * <p>A score s_j is off by e_j = (⌈d/256⌉ + 10)·u·Σ|q·k_j|/√d: the sum's γ of ⌈d/256⌉ + 8, the
 * rounded scale, the product. The largest score of the canonical arithmetic may be another one, or
 * another number, but every p_j has it alike, as a factor that the last division takes out; what
 * remains is that p_j is off by e_j + u·|s_j − max| + 2.03 u of itself. So is the sum L, on average
 * over p, and by γ of ⌈n/256⌉ + 7; Σ p_j·v_j by γ of ⌈n/8⌉ + 3. With E the largest e_j, S the
 * largest |s_j − max| and ln n for the average of it (see {@link ExactRows#softmax}): |o − exact| ≤
 * (2·E/u + S + ln n + ⌈n/8⌉ + ⌈n/256⌉ + 16)·u·Σ p_j·|v_j|/L to first order.
 *
 * <p>However large the scores and their errors, both results are means of the v_j, up to rounding,
 * so they are no further apart than the v_j are.
 */
final class ExactAttention {

  private final Attention o;
  private final MemorySegment queries;
  private final MemorySegment keys;
  private final MemorySegment values;
  private final Bounded scale;
  private final SumOrder order;
  private final BoundedSum wide;
  private final BoundedSum narrow;
  private final Bounded[] results;

  private ExactAttention(
      Attention o,
      MemorySegment queries,
      MemorySegment keys,
      MemorySegment values,
      SumOrder order) {
    this.o = o;
    this.order = order;
    this.wide = order.of256();
    this.narrow = order.of8();
    this.queries = queries;
    this.keys = keys;
    this.values = values;
    this.scale = Bounded.rounded(1 / Math.sqrt(o.headSize()));
    this.results = new Bounded[Math.toIntExact(queries.byteSize() / Float.BYTES)];
  }

  static Reference of(
      Attention o,
      MemorySegment queries,
      MemorySegment keys,
      MemorySegment values,
      SumOrder order) {
    ExactAttention attention = new ExactAttention(o, queries, keys, values, order);
    int group = o.heads() / o.keyValueHeads();
    for (int query = 0; query < o.queries(); query++) {
      for (int head = 0; head < o.heads(); head++) {
        int at = (query * o.heads() + head) * o.headSize();
        attention.one(at, o.mask().visible(query), head / group);
      }
    }
    return Reference.of("results", 3, Numbers::f32, attention.results);
  }

  /** The scores e_j is said of above; 0 for a key that is later than the query. */
  static Reference scores(
      AttentionScores o, MemorySegment queries, MemorySegment keys, SumOrder order) {
    Bounded scale = Bounded.rounded(1 / Math.sqrt(o.headSize()));
    BoundedSum wide = order.of256();
    return Reference.of(
        "scores",
        2,
        Numbers::f32,
        Math.multiplyExact((long) o.heads() * o.queries(), o.cached()),
        i -> {
          int position = i % o.cached();
          int query = i / o.cached() % o.queries();
          int head = i / o.cached() / o.queries();
          if (position >= o.mask().visible(query)) {
            return Bounded.exactly(0);
          }
          long q = ((long) query * o.heads() + head) * o.headSize();
          int keyValueHead = head / (o.heads() / o.keyValueHeads());
          long k = ((long) position * o.keyValueHeads() + keyValueHead) * o.headSize();
          return score(o.headSize(), queries, q, keys, k, o.cache(), wide).times(scale);
        });
  }

  /** The head whose query and result are at element {@code at}. */
  private void one(int at, int visible, int keyValueHead) {
    Bounded[] p = new Bounded[visible];
    double largest = Double.NEGATIVE_INFINITY;
    double largestError = 0;
    for (int j = 0; j < visible; j++) {
      p[j] =
          score(o.headSize(), queries, at, keys, at(j, keyValueHead), o.cache(), wide).times(scale);
      largest = Math.max(largest, p[j].value());
      largestError = Math.max(largestError, p[j].error());
    }
    wide.clear();
    for (int j = 0; j < visible; j++) {
      p[j] = order.exp(p[j].below(largest, largestError));
      wide.add(p[j]);
    }
    Bounded sum = wide.total().shifted(largestError);
    for (int i = 0; i < o.headSize(); i++) {
      narrow.clear();
      float least = Float.POSITIVE_INFINITY;
      float greatest = Float.NEGATIVE_INFINITY;
      for (int j = 0; j < visible; j++) {
        float v = cached(o.cache(), values, at(j, keyValueHead) + i);
        narrow.addProduct(p[j], v);
        least = Math.min(least, v);
        greatest = Math.max(greatest, v);
      }
      Bounded result = order.quotient(narrow.total().shifted(largestError), sum);
      results[at + i] =
          Double.isFinite(largestError) ? mean(result, least, greatest, visible) : result;
    }
  }

  /**
   * A result with its error, no larger than if it were some mean of numbers in a range. The
   * canonical weights have a sum of at least 1, for one of them is exp(0); numerator, sum (twice,
   * as a divisor) and quotient are rounded; in any order, each of the sums by γ of its terms.
   */
  private Bounded mean(Bounded result, double least, double greatest, int terms) {
    double magnitude = Math.max(-least, greatest);
    if (!(terms * magnitude < Float.MAX_VALUE / 2)) {
      return result;
    }
    int roundings =
        order == SumOrder.CANONICAL
            ? Math.ceilDiv(terms, 8) + 2 * Math.ceilDiv(terms, 256) + 18
            : Math.addExact(Math.multiplyExact(3, terms), 18);
    double rounding =
        Bounded.gamma(roundings, Bounded.U) * magnitude + (terms + 2) * Bounded.HALF_SUBNORMAL;
    double range = Math.max(greatest - result.value(), result.value() - least);
    return new Bounded(result.value(), Math.min(result.error(), range + rounding));
  }

  /** The product of a query and a key. */
  private static Bounded score(
      int headSize,
      MemorySegment queries,
      long query,
      MemorySegment keys,
      long key,
      Element cache,
      BoundedSum sum) {
    sum.clear();
    for (int i = 0; i < headSize; i++) {
      sum.addProduct(Numbers.f32(queries, query + i), cached(cache, keys, key + i));
    }
    return sum.total();
  }

  /** Where the elements of a position begin in the cache. */
  private long at(int position, int keyValueHead) {
    return ((long) position * o.keyValueHeads() + keyValueHead) * o.headSize();
  }

  private static float cached(Element type, MemorySegment cache, long i) {
    return type == Element.FLOAT16 ? Numbers.f16(cache, i) : Numbers.f32(cache, i);
  }
}
