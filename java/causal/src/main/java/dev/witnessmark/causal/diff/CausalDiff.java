package dev.witnessmark.causal.diff;

import dev.witnessmark.causal.truth.Truth;
import dev.witnessmark.compare.stream.Workers;
import dev.witnessmark.verdict.Progress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Compares all rows of two models. Ranges of rows are measured by several threads and taken down in
 * order, a window of ranges at a time: what comes out does not depend on the threads, and no more
 * than a window is held.
 */
public final class CausalDiff {

  /** Most rows of a range. */
  private static final int MOST_ROWS = 1 << 14;

  /** Bytes of a range, of both sides, unless one row has more. */
  private static final long BYTES = 1L << 24;

  /** Ranges per thread that are measured before any is taken down. */
  private static final int WINDOW = 32;

  private final PairedModels models;
  private final CausalOptions options;
  private final EdgeSink edges;
  private final Progress progress;
  private final RowDistances[] readers;

  private CausalDiff(
      PairedModels models,
      CausalOptions options,
      EdgeSink edges,
      Progress progress,
      RowDistances[] readers) {
    this.models = models;
    this.options = options;
    this.edges = edges;
    this.progress = progress;
    this.readers = readers;
  }

  /** Rows {@code [first, first + count)} of a pair. */
  private record Range(int tensor, long first, int count) {}

  /**
   * Compares {@code models}.
   *
   * @param edges takes an edge for each row that shifted
   * @throws IOException if rows cannot be read, or {@code edges} fails
   */
  public static CausalResult run(
      PairedModels models, CausalOptions options, EdgeSink edges, Progress progress)
      throws IOException {
    RowDistances[] readers = new RowDistances[options.threads()];
    try {
      for (int i = 0; i < readers.length; i++) {
        readers[i] = models.open();
      }
      return new CausalDiff(models, options, edges, progress, readers).run();
    } finally {
      for (RowDistances reader : readers) {
        if (reader != null) {
          reader.close();
        }
      }
    }
  }

  private CausalResult run() throws IOException {
    List<PairedTensor> pairs = models.pairs();
    progress.begin(
        "comparing rows of " + models.tuned(), pairs.stream().mapToLong(PairedTensor::bytes).sum());
    UnrelatedRows[] unrelated = new UnrelatedRows[pairs.size()];
    share(pairs.size(), (reader, i) -> unrelated[i] = UnrelatedRows.of(pairs.get(i), i, reader));

    TensorTally[] tallies = new TensorTally[pairs.size()];
    for (int i = 0; i < tallies.length; i++) {
      tallies[i] = new TensorTally(pairs.get(i), unrelated[i]);
    }
    List<Range> window = new ArrayList<>();
    for (int tensor = 0; tensor < pairs.size(); tensor++) {
      PairedTensor pair = pairs.get(tensor);
      long bytesOfRow = Math.max(pair.bytes() / Math.max(pair.rows(), 1), 1);
      int most = Math.clamp(BYTES / bytesOfRow, 1, MOST_ROWS);
      for (long first = 0; first < pair.rows(); first += most) {
        window.add(new Range(tensor, first, (int) Math.min(most, pair.rows() - first)));
        if (window.size() == WINDOW * readers.length) {
          measure(window, tallies);
          window.clear();
        }
      }
    }
    measure(window, tallies);
    List<TensorShift> tensors = new ArrayList<>(tallies.length);
    for (TensorTally tally : tallies) {
      tensors.add(tally.result());
    }
    return CausalResult.of(models, options, tensors);
  }

  /** Measures a window of ranges and takes it down. */
  private void measure(List<Range> window, TensorTally[] tallies) throws IOException {
    @Nullable RangeTally[] measured = new RangeTally[window.size()];
    share(
        window.size(),
        (reader, i) -> {
          Range range = window.get(i);
          double[] distances = new double[range.count()];
          reader.read(range.tensor(), range.first(), range.count(), distances);
          measured[i] = tallies[range.tensor()].measure(distances);
          PairedTensor pair = models.pairs().get(range.tensor());
          progress.advance(pair.bytes() / pair.rows() * range.count());
        });
    for (int i = 0; i < window.size(); i++) {
      Range range = window.get(i);
      tallies[range.tensor()].add(range.first(), Objects.requireNonNull(measured[i]));
    }
  }

  /**
   * The rows of a range.
   *
   * @param distances of all
   * @param shifted which of them shifted, ascending
   * @param unbounded rows at an infinite distance
   * @param sumOfShifted of finite distances
   * @param sum of finite distances
   * @param largest distance
   * @param beyond rows beyond each fraction of the null
   */
  private record RangeTally(
      double[] distances,
      int[] shifted,
      long unbounded,
      double sumOfShifted,
      double sum,
      double largest,
      long[] beyond) {}

  /** One piece of work. */
  private interface Work {
    void run(RowDistances reader, int number) throws IOException;
  }

  /** Does pieces {@code 0 … count − 1} on all threads. */
  private void share(int count, Work work) throws IOException {
    AtomicInteger next = new AtomicInteger();
    List<Callable<@Nullable Void>> workers = new ArrayList<>();
    for (RowDistances reader : readers) {
      workers.add(() -> {
        for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
          work.run(reader, i);
        }
        return null;
      });
    }
    Workers.run(readers.length, workers);
  }

  /** Takes down the rows of one tensor, ascending. */
  private final class TensorTally {

    private final PairedTensor tensor;
    private final UnrelatedRows unrelated;
    private final double threshold;
    private final float confidence;
    private final long[] beyond = new long[UnrelatedRows.FRACTIONS.size()];
    private long shifted;
    private long unbounded;
    private double sumOfShifted;
    private double sum;
    private double largest;
    private long packed;

    TensorTally(PairedTensor tensor, UnrelatedRows unrelated) {
      this.tensor = tensor;
      this.unrelated = unrelated;
      this.threshold = options.threshold().of(unrelated);
      this.confidence = Truth.confidenceOf(tensor.rows());
    }

    /** Adds up a range; any thread may. */
    RangeTally measure(double[] distances) {
      double[] limits =
          UnrelatedRows.FRACTIONS.stream()
              .mapToDouble(fraction -> unrelated.known() ? fraction * unrelated.mean() : Double.NaN)
              .toArray();
      long[] rowsBeyond = new long[limits.length];
      int[] rowsShifted = new int[distances.length];
      int found = 0;
      long infinite = 0;
      double ofShifted = 0;
      double ofAll = 0;
      double most = 0;
      for (int i = 0; i < distances.length; i++) {
        double distance = distances[i];
        boolean finite = distance < Double.POSITIVE_INFINITY;
        most = Math.max(most, distance);
        ofAll += finite ? distance : 0;
        infinite += finite ? 0 : 1;
        // Fractions ascend: most rows of a fine-tune are below the first.
        for (int f = 0; f < limits.length && distance > limits[f]; f++) {
          rowsBeyond[f]++;
        }
        if (distance > threshold || !finite) {
          rowsShifted[found++] = i;
          ofShifted += finite ? distance : 0;
        }
      }
      return new RangeTally(
          distances,
          Arrays.copyOf(rowsShifted, found),
          infinite,
          ofShifted,
          ofAll,
          most,
          rowsBeyond);
    }

    /** Takes down the next range, which begins with row {@code first}. */
    void add(long first, RangeTally range) throws IOException {
      shifted += range.shifted().length;
      unbounded += range.unbounded();
      sumOfShifted += range.sumOfShifted();
      sum += range.sum();
      largest = Math.max(largest, range.largest());
      for (int f = 0; f < beyond.length; f++) {
        beyond[f] += range.beyond()[f];
      }
      for (int row : range.shifted()) {
        shifted(first + row, range.distances()[row]);
      }
    }

    private void shifted(long row, double distance) throws IOException {
      Edge edge =
          new Edge(
              tensor.name(),
              row,
              tensor.block(),
              tensor.projection(),
              tensor.layerType(),
              Verb.BECOMES,
              distance,
              new Truth(models.measure().frequency(distance), confidence));
      if (models.measure() == Measure.BASE17) {
        packed |= PackedEdge.of(edge).word();
      }
      edges.accept(edge);
    }

    TensorShift result() {
      boolean known = unrelated.known();
      List<Long> counts = new ArrayList<>();
      for (long count : beyond) {
        counts.add(count);
      }
      Shift shift =
          new Shift(
              shifted,
              tensor.rows(),
              unbounded,
              sumOfShifted,
              sum,
              largest,
              new Ladder(counts),
              known ? tensor.rows() : 0,
              known ? unrelated.mean() * (double) tensor.rows() : 0);
      return new TensorShift(tensor, shift, unrelated, threshold, packed);
    }
  }
}
