package dev.witnessmark.compare.diagnose;

import dev.witnessmark.compare.matrix.HeadOrder;
import dev.witnessmark.compare.matrix.KernelChoice;
import dev.witnessmark.compare.matrix.Matrix;
import dev.witnessmark.compare.matrix.RowPermutation;
import dev.witnessmark.compare.matrix.Staging;
import dev.witnessmark.compare.matrix.TransposedMatrix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Looks for a view of B under which it agrees with A: transposed, with the rows of its heads
 * re-ordered, or with whole heads in another order. A candidate must first bring a sample of rows
 * close; the caller then compares the whole tensor under it.
 */
public final class ViewDiagnosis {

  /** Unrelated matrices are about √2 apart; below this two tensors are related as they are. */
  private static final double RELATED = 0.5;

  /** A right view closes nearly all of the gap. */
  private static final double GAP_LEFT = 0.25;

  /** Heads that are listed. */
  private static final int MOST_SAID = 32;

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
      List<Candidate> reordered = sameShape ? reordered(a, b, declaredHeads, staging) : List.of();
      if (asIs < RELATED || !reordered.isEmpty()) {
        return reordered;
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

  /**
   * Views of {@code b} with whole heads in another order. Few of many may have changed places, so
   * how far apart the tensors are says nothing here.
   */
  private static List<Candidate> reordered(Matrix a, Matrix b, int[] declaredHeads, Staging staging)
      throws IOException {
    List<Candidate> views = new ArrayList<>();
    for (int heads : headCounts(b.rows(), declaredHeads)) {
      List<Integer> order = HeadMatch.order(a, b, heads, staging);
      if (order != null) {
        views.add(
            new Candidate(
                new HeadOrder(b, order),
                "with its %d heads in the order %s".formatted(heads, said(order))));
      }
    }
    return views;
  }

  private static String said(List<Integer> order) {
    String first =
        order.stream().limit(MOST_SAID).map(Object::toString).collect(Collectors.joining(", "));
    return order.size() > MOST_SAID ? first + ", …" : first;
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
