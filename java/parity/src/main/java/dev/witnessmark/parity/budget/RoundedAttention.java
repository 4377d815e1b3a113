package dev.witnessmark.parity.budget;

import dev.witnessmark.kernels.operation.Attention;
import dev.witnessmark.kernels.operation.AttentionScores;
import dev.witnessmark.kernels.operation.Element;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What attention may be off because queries, keys and values were rounded when they were stored,
 * each by at most ε of itself. A score is off by E_j = (2ε + ε²)·Σ|q·k_j|/√d at most; with E the
 * largest of a row, every weight p_j by the factor exp(±2E); so a result by (exp(2E) − 1 +
 * ε·exp(2E))·Σ p_j·|v_j|.
 *
 * @param epsilon ε
 */
record RoundedAttention(double epsilon) {

  /** For each result of {@code operation}. */
  double[] results(Attention o, MemorySegment queries, MemorySegment keys, MemorySegment values) {
    double[] errors = new double[o.queries() * o.heads() * o.headSize()];
    AttentionScores square =
        new AttentionScores(
            o.queries(), o.heads(), o.keyValueHeads(), o.headSize(), o.cached(), o.cache());
    double[] scores = new double[o.cached()];
    for (int query = 0; query < o.queries(); query++) {
      for (int head = 0; head < o.heads(); head++) {
        int visible = o.cached() - o.queries() + query + 1;
        double largestError = 0;
        double largest = Double.NEGATIVE_INFINITY;
        for (int j = 0; j < visible; j++) {
          double[] score = score(square, queries, keys, query, head, j);
          scores[j] = score[0];
          largest = Math.max(largest, score[0]);
          largestError = Math.max(largestError, score[1]);
        }
        double sum = 0;
        for (int j = 0; j < visible; j++) {
          scores[j] = Math.exp(scores[j] - largest);
          sum += scores[j];
        }
        double weights = Math.expm1(2 * largestError);
        double share = weights + epsilon * (1 + weights);
        int kv = head / (o.heads() / o.keyValueHeads());
        int to = (query * o.heads() + head) * o.headSize();
        for (int i = 0; i < o.headSize(); i++) {
          double magnitude = 0;
          for (int j = 0; j < visible; j++) {
            long at = ((long) j * o.keyValueHeads() + kv) * o.headSize() + i;
            magnitude += scores[j] / sum * Math.abs(cached(o.cache(), values, at));
          }
          errors[to + i] = share * magnitude;
        }
      }
    }
    return errors;
  }

  /** For each score of {@code o}. */
  double[] scores(AttentionScores o, MemorySegment queries, MemorySegment keys) {
    double[] errors = new double[o.heads() * o.queries() * o.cached()];
    for (int head = 0; head < o.heads(); head++) {
      for (int query = 0; query < o.queries(); query++) {
        for (int j = 0; j < o.cached() - o.queries() + query + 1; j++) {
          errors[(head * o.queries() + query) * o.cached() + j] =
              score(o, queries, keys, query, head, j)[1];
        }
      }
    }
    return errors;
  }

  /** A score, and what it may be off. */
  private double[] score(
      AttentionScores o,
      MemorySegment queries,
      MemorySegment keys,
      int query,
      int head,
      int position) {
    int kv = head / (o.heads() / o.keyValueHeads());
    long q = ((long) query * o.heads() + head) * o.headSize();
    long k = ((long) position * o.keyValueHeads() + kv) * o.headSize();
    double sum = 0;
    double magnitudes = 0;
    for (int i = 0; i < o.headSize(); i++) {
      double product =
          (double) queries.getAtIndex(ValueLayout.JAVA_FLOAT, q + i)
              * cached(o.cache(), keys, k + i);
      sum += product;
      magnitudes += Math.abs(product);
    }
    double scale = 1 / Math.sqrt(o.headSize());
    return new double[] {sum * scale, magnitudes * scale * epsilon * (2 + epsilon)};
  }

  private static double cached(Element element, MemorySegment cache, long at) {
    return element == Element.FLOAT16
        ? Float.float16ToFloat(cache.getAtIndex(ValueLayout.JAVA_SHORT, at))
        : cache.getAtIndex(ValueLayout.JAVA_FLOAT, at);
  }
}
