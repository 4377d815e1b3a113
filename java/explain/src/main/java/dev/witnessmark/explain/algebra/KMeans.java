package dev.witnessmark.explain.algebra;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Lloyd's k-means on centred samples from deterministic seeds: the samples of largest norm, the
 * lower index first among equals. A sample belongs to the nearest centre, the lowest index among
 * equals; an empty cluster keeps its centre.
 *
 * @param centres {@code [k, width]}, about the mean of the samples
 * @param assignment cluster of every sample, by the centres before the last move
 */
public record KMeans(DenseMatrix centres, int[] assignment) {

  /** Rounds of assigning and moving, however far they have come. */
  public static final int ROUNDS = 8;

  /** Clusters {@code samples} {@code [n, width]} into {@code k} ≤ n. */
  public static KMeans of(DenseMatrix samples, int k) {
    DenseMatrix centred = samples.centred();
    double[] squares = centred.rowSquares();
    int[] seeds =
        IntStream.range(0, samples.rows())
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> -squares[i]))
            .limit(k)
            .mapToInt(Integer::intValue)
            .toArray();
    double[][] centres = Arrays.stream(seeds).mapToObj(centred::row).toArray(double[][]::new);
    int[] assignment = new int[samples.rows()];
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < assignment.length; i++) {
        assignment[i] = nearest(centred, i, centres);
      }
      move(centred, assignment, centres);
    }
    DenseMatrix matrix = DenseMatrix.zeros(centres.length, samples.columns());
    for (int c = 0; c < centres.length; c++) {
      System.arraycopy(centres[c], 0, matrix.values(), c * samples.columns(), samples.columns());
    }
    return new KMeans(matrix, assignment);
  }

  private static int nearest(DenseMatrix samples, int sample, double[][] centres) {
    int nearest = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int c = 0; c < centres.length; c++) {
      double distance = 0;
      for (int j = 0; j < samples.columns(); j++) {
        double difference = samples.at(sample, j) - centres[c][j];
        distance += difference * difference;
      }
      if (distance < least) {
        least = distance;
        nearest = c;
      }
    }
    return nearest;
  }

  private static void move(DenseMatrix samples, int[] assignment, double[][] centres) {
    int width = samples.columns();
    double[][] sums = new double[centres.length][width];
    int[] sizes = new int[centres.length];
    for (int i = 0; i < assignment.length; i++) {
      sizes[assignment[i]]++;
      for (int j = 0; j < width; j++) {
        sums[assignment[i]][j] += samples.at(i, j);
      }
    }
    for (int c = 0; c < centres.length; c++) {
      if (sizes[c] > 0) {
        int size = sizes[c];
        centres[c] = Arrays.stream(sums[c]).map(sum -> sum / size).toArray();
      }
    }
  }

  /** The directions in which the centres differ: at most one fewer than there are. */
  public Basis basis(int k) {
    return PrincipalComponents.centred(centres, k);
  }
}
