package dev.witnessmark.causal.diff;

import dev.witnessmark.compare.match.TensorPair;
import dev.witnessmark.compare.matrix.KernelChoice;
import dev.witnessmark.compare.matrix.Matrix;
import dev.witnessmark.compare.matrix.MatrixReader;
import dev.witnessmark.compare.matrix.Staging;
import dev.witnessmark.kernels.decode.WideDecoder;
import dev.witnessmark.kernels.difference.DifferenceKernel;
import dev.witnessmark.kernels.difference.DifferenceSums;
import dev.witnessmark.kernels.difference.WideDifference;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Relative change of rows: ‖b − a‖ / ‖a‖. The squares of a row are added up in segments as {@link
 * DifferenceKernel#reduce} does, and segments in their order; a segment ends with its row, after
 * 4096 values, and where a range of values that is read at once does.
 */
final class WeightDistances implements RowDistances {

  private final List<TensorPair> pairs;
  private final Staging staging;
  private final DifferenceKernel kernel;
  private final DifferenceSums sums = new DifferenceSums();

  WeightDistances(List<TensorPair> pairs, KernelChoice kernels) {
    this.pairs = pairs;
    this.staging = Staging.handedOn(kernels);
    this.kernel = kernels.difference();
  }

  @Override
  public void read(int tensor, long first, int count, double[] target) throws IOException {
    Matrix a = pairs.get(tensor).a();
    Matrix b = pairs.get(tensor).b();
    measure(a, first, b, first, count, target);
  }

  @Override
  public double unrelated(int tensor, long row, long other) throws IOException {
    Matrix a = pairs.get(tensor).a();
    double[] distance = new double[1];
    measure(a, row, a, other, 1, distance);
    return distance[0];
  }

  /** Rows from {@code firstA} of {@code a} against those from {@code firstB} of {@code b}. */
  private void measure(Matrix a, long firstA, Matrix b, long firstB, int rows, double[] target)
      throws IOException {
    long columns = a.columns();
    boolean wide = WideDecoder.reads(a.type()) || WideDecoder.reads(b.type());
    RowSum row = new RowSum();
    try (MatrixReader readerA = a.reader(staging);
        MatrixReader readerB = b.reader(staging)) {
      long all = rows * columns;
      for (long at = 0; at < all; at += MatrixReader.CHUNK) {
        int loaded = (int) Math.min(MatrixReader.CHUNK, all - at);
        readerA.load(firstA * columns + at, loaded);
        readerB.load(firstB * columns + at, loaded);
        for (int piece = 0; piece < loaded; piece += MatrixReader.PIECE) {
          int values = Math.min(MatrixReader.PIECE, loaded - piece);
          MemorySegment valuesA =
              wide ? readerA.wideValues(piece, values) : readerA.values(piece, values);
          MemorySegment valuesB =
              wide ? readerB.wideValues(piece, values) : readerB.values(piece, values);
          for (int i = 0; i < values; ) {
            long element = at + piece + i;
            int length =
                (int)
                    Math.min(
                        Math.min(DifferenceKernel.SEGMENT, values - i),
                        columns - element % columns);
            reduce(valuesA, valuesB, i, length, wide);
            row.add();
            i += length;
            if ((element + length) % columns == 0) {
              target[(int) (element / columns)] = row.finish();
            }
          }
        }
      }
    }
  }

  private void reduce(MemorySegment a, MemorySegment b, int from, int count, boolean wide) {
    long at = from * (long) (wide ? Double.BYTES : Float.BYTES);
    if (wide) {
      WideDifference.reduce(a, at, b, at, count, sums);
    } else {
      kernel.reduce(a, at, b, at, count, sums);
    }
  }

  /** The row that is being added up. */
  private final class RowSum {

    private double deltaSquared;
    private double squared;
    private long unequalBefore = unequalNonFinite();

    /** Takes the segment that was reduced last. */
    void add() {
      deltaSquared += sums.segmentDeltaSquared();
      squared += sums.segmentASquared();
    }

    /** Ends the row. */
    double finish() {
      long unequal = unequalNonFinite();
      double distance =
          unequal > unequalBefore
              ? Double.POSITIVE_INFINITY
              : deltaSquared == 0 ? 0 : Math.sqrt(deltaSquared) / Math.sqrt(squared);
      unequalBefore = unequal;
      deltaSquared = 0;
      squared = 0;
      return Double.isNaN(distance) ? Double.POSITIVE_INFINITY : distance;
    }

    private long unequalNonFinite() {
      return sums.nonFinite().total() - sums.nonFinite().equal();
    }
  }

  @Override
  public void close() {
    staging.close();
  }
}
