package dev.witnessmark.compare.diagnose;

import dev.witnessmark.compare.matrix.KernelChoice;
import dev.witnessmark.compare.matrix.Matrix;
import dev.witnessmark.compare.matrix.RowPermutation;
import dev.witnessmark.compare.matrix.Staging;
import dev.witnessmark.compare.matrix.TransposedMatrix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Looks for a view of B under which it agrees with A: transposed, or with the rows of its heads
 * re-ordered. A candidate must first bring a sample of rows close; the caller then compares the
 * whole tensor under it.
 */
public final class ViewDiagnosis {

  /** Unrelated matrices are about √2 apart; below this two tensors are related as they are. */
  private static final double RELATED = 0.5;

  /** A right view closes nearly all of the gap. */
  private static final double GAP_LEFT = 0.25;

  private static final int[] USUAL_HEAD_SIZES = {16, 32, 64, 80, 96, 128, 192, 256};

  private ViewDiagnosis() {}

  /**
   * A view of B worth a full comparison.
   *
   * @param b the view
   * @param name what it is, in words
   */
  public record Candidate(Matrix b, String name) {}

  /**
   * Views of {@code b} that have the shape of {@code a} and bring sampled rows close, the best
   * first.
   *
   * @param declaredHeads head counts that the files declare; other usual ones are tried too
   */
  public static List<Candidate> candidates(Matrix a, Matrix b, int[] declaredHeads)
      throws IOException {
    try (Staging staging = new Staging(KernelChoice.forValues(0))) {
      boolean sameShape = a.rows() == b.rows() && a.columns() == b.columns();
      double asIs = sameShape ? RowSample.relative(a, b, staging) : Double.POSITIVE_INFINITY;
      if (asIs < RELATED) {
        return List.of();
      }
      record Scored(Candidate candidate, double relative) {}
      List<Scored> close = new ArrayList<>();
      for (Candidate candidate : views(a, b, declaredHeads)) {
        double relative = RowSample.relative(a, candidate.b(), staging);
        if (relative < Math.min(RELATED, asIs * GAP_LEFT)) {
          close.add(new Scored(candidate, relative));
        }
      }
      close.sort((x, y) -> Double.compare(x.relative(), y.relative()));
      return close.stream().map(Scored::candidate).toList();
    }
  }

  private static List<Candidate> views(Matrix a, Matrix b, int[] declaredHeads) {
    List<Candidate> views = new ArrayList<>();
    if (a.rows() == b.columns() && a.columns() == b.rows() && a.rows() > 1 && a.columns() > 1) {
      views.add(new Candidate(new TransposedMatrix(b), "transposed"));
    }
    if (a.rows() != b.rows() || a.columns() != b.columns()) {
      return views;
    }
    for (int heads : headCounts(b.rows(), declaredHeads)) {
      views.add(
          new Candidate(
              new RowPermutation(b, heads, RowPermutation.Order.INTERLEAVED),
              "with the rotary rows of its %d heads un-interleaved".formatted(heads)));
      views.add(
          new Candidate(
              new RowPermutation(b, heads, RowPermutation.Order.HALVES),
              "with the rotary rows of its %d heads interleaved".formatted(heads)));
    }
    return views;
  }

  private static Iterable<Integer> headCounts(long rows, int[] declared) {
    TreeSet<Integer> counts = new TreeSet<>();
    for (int heads : declared) {
      if (heads > 0 && rows % (2L * heads) == 0) {
        counts.add(heads);
      }
    }
    for (int size : USUAL_HEAD_SIZES) {
      if (rows % size == 0 && rows / size <= 1024) {
        counts.add((int) (rows / size));
      }
    }
    return counts;
  }
}
