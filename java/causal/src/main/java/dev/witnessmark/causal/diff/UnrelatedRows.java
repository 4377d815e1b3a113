package dev.witnessmark.causal.diff;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.CRC32;

/**
 * The null: how far apart rows of one tensor of the base are that have nothing to do with each
 * other. A distance means little until it is held against this.
 *
 * @param pairs random pairs of different rows that were measured; 0 where a tensor has one row
 * @param mean mean distance, over the finite ones
 * @param median the middle one
 * @param smallest smallest distance
 * @param largest largest distance
 */
public record UnrelatedRows(
    int pairs, double mean, double median, double smallest, double largest) {

  /** Of a tensor of one row. */
  public static final UnrelatedRows NONE =
      new UnrelatedRows(0, Double.NaN, Double.NaN, Double.NaN, Double.NaN);

  /** Thresholds that are offered, in units of {@link #mean}. */
  public static final List<Double> FRACTIONS = List.of(0.01, 0.1, 0.5, 1.0);

  /** Pairs of a large tensor: the mean is then right to a few percent. */
  static final int MOST_PAIRS = 128;

  /** Whether anything was measured. */
  public boolean known() {
    return pairs > 0 && Double.isFinite(mean);
  }

  /**
   * Measures random pairs of rows of tensor {@code tensor}. Which, its name decides: the same in
   * every run.
   */
  static UnrelatedRows of(PairedTensor tensor, int index, RowDistances distances)
      throws IOException {
    if (tensor.rows() < 2) {
      return NONE;
    }
    SplittableRandom random = new SplittableRandom(seed(tensor.name()));
    int pairs = (int) Math.min(MOST_PAIRS, tensor.rows());
    double[] found = new double[pairs];
    int finite = 0;
    for (int i = 0; i < pairs; i++) {
      long row = random.nextLong(tensor.rows());
      long other = (row + 1 + random.nextLong(tensor.rows() - 1)) % tensor.rows();
      double distance = distances.unrelated(index, row, other);
      if (Double.isFinite(distance)) {
        found[finite++] = distance;
      }
    }
    if (finite == 0) {
      return NONE;
    }
    double[] sorted = Arrays.copyOf(found, finite);
    Arrays.sort(sorted);
    return new UnrelatedRows(
        finite,
        Arrays.stream(sorted).sum() / finite,
        (sorted[(finite - 1) / 2] + sorted[finite / 2]) / 2,
        sorted[0],
        sorted[finite - 1]);
  }

  private static long seed(String name) {
    CRC32 hash = new CRC32();
    hash.update(name.getBytes(StandardCharsets.UTF_8));
    return hash.getValue();
  }
}
