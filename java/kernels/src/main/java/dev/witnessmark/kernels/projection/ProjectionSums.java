package dev.witnessmark.kernels.projection;

import dev.witnessmark.kernels.operation.Base17;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * One row on its way to a fingerprint: seventeen running sums, one for each column of an octave. A
 * row is as long as it is, and nothing of it is kept. For one thread.
 */
public final class ProjectionSums {

  /** The column of each dimension. */
  private static final int[] COLUMNS =
      IntStream.range(0, Base17.DIMENSIONS)
          .map(dimension -> Base17.GOLDEN_STEP * dimension % Base17.DIMENSIONS)
          .toArray();

  private int stride;

  /** Sums by column, each in ascending order of octaves. */
  final double[] sums = new double[Base17.DIMENSIONS];

  private long position;

  /**
   * An empty row.
   *
   * @param stride every how many octaves one is visited
   * @throws IllegalArgumentException if that is less than 1
   */
  public ProjectionSums(int stride) {
    this.stride = checked(stride);
  }

  private static int checked(int stride) {
    if (stride < 1) {
      throw new IllegalArgumentException("stride " + stride);
    }
    return stride;
  }

  /**
   * Forgets what was added and begins an empty row.
   *
   * @param stride as of the constructor
   */
  public void begin(int stride) {
    this.stride = checked(stride);
    Arrays.fill(sums, 0);
    position = 0;
  }

  int stride() {
    return stride;
  }

  /** The column of the octave that the next element is in. */
  int column() {
    return (int) (position % Base17.DIMENSIONS);
  }

  /** Octaves from the one that the next element is in to the next one that is visited. */
  int octavesToSkip() {
    if (stride == 1) {
      return 0;
    }
    long octave = position / Base17.DIMENSIONS;
    return (int) ((stride - octave % stride) % stride);
  }

  /** {@code elements} were added or passed over. */
  void advance(long elements) {
    position += elements;
  }

  /** Writes the fingerprint of the row to {@code target} from {@code at} on, and begins another. */
  public void finish(short[] target, int at) {
    long octaves = position / Base17.DIMENSIONS;
    int rest = column();
    long more = visited(octaves + 1);
    long fewer = visited(octaves);
    for (int dimension = 0; dimension < Base17.DIMENSIONS; dimension++) {
      int column = COLUMNS[dimension];
      target[at + dimension] = Base17.number(sums[column], column < rest ? more : fewer);
    }
    begin(stride);
  }

  private long visited(long octaves) {
    return stride == 1 ? octaves : Math.ceilDiv(octaves, stride);
  }
}
