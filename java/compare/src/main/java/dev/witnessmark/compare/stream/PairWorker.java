package dev.witnessmark.compare.stream;

import dev.witnessmark.compare.match.TensorPair;
import dev.witnessmark.compare.matrix.MatrixReader;
import dev.witnessmark.compare.matrix.Staging;
import dev.witnessmark.kernels.decode.WideDecoder;
import dev.witnessmark.kernels.difference.DifferenceKernel;
import dev.witnessmark.kernels.difference.DifferenceSums;
import dev.witnessmark.kernels.difference.FloorSums;
import dev.witnessmark.kernels.difference.TopDifferences;
import dev.witnessmark.kernels.difference.WideDifference;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** One worker's view of one pair: its readers and the reduction of a chunk. Not thread-safe. */
final class PairWorker implements AutoCloseable {

  /** Rows shorter than this say little by themselves and cost a call each. */
  private static final long SHORTEST_ROW = 16;

  private final PairTask task;
  private final TensorPair pair;
  private final DifferenceKernel kernel;
  private final MatrixReader a;
  private final MatrixReader b;
  private final boolean sameStorage;
  private final boolean wide;
  private final boolean floored;
  private final boolean rowWise;
  private final TopDifferences top;

  PairWorker(PairTask task, DifferenceKernel kernel, Staging staging) {
    this.task = task;
    this.pair = task.pair;
    this.kernel = kernel;
    this.a = pair.a().reader(staging);
    this.b = pair.b().reader(staging);
    this.sameStorage =
        pair.a().type() == pair.b().type() && !pair.a().isCoded() && !pair.b().isCoded();
    this.wide = WideDecoder.reads(pair.a().type()) || WideDecoder.reads(pair.b().type());
    this.floored = pair.hasFloor();
    this.rowWise = task.hasRows();
    this.top = new TopDifferences(task.top());
  }

  static boolean rowWise(TensorPair pair) {
    return pair.rank() >= 2 && pair.a().columns() >= SHORTEST_ROW;
  }

  /** Does {@code step}. */
  void process(PairTask.Step step) throws IOException {
    long first = task.plan.first(step.chunk());
    int count = task.plan.count(step.chunk());
    a.load(first, count);
    b.load(first, count);
    if (!step.again() && equalBytes()) {
      task.finishEqual(step, !task.nonZeroSeen() && findNonZero(count));
    } else {
      task.finishCompared(step, reduce(first, count));
    }
  }

  private boolean equalBytes() {
    MemorySegment bytesA = a.storedBytes();
    MemorySegment bytesB = b.storedBytes();
    return sameStorage && bytesA != null && bytesB != null && bytesA.mismatch(bytesB) < 0;
  }

  private boolean findNonZero(int count) {
    for (int from = 0; from < count; from += MatrixReader.PIECE) {
      int piece = Math.min(MatrixReader.PIECE, count - from);
      MemorySegment values = wide ? a.wideValues(from, piece) : a.values(from, piece);
      for (int i = 0; i < piece; i++) {
        double value =
            wide
                ? values.getAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, i)
                : values.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i);
        if (value != 0 && Double.isFinite(value)) {
          return true;
        }
      }
    }
    return false;
  }

  private ChunkSums reduce(long first, int count) {
    ChunkSums result = new ChunkSums(task.top());
    long columns = task.plan.columns();
    RowTally row = new RowTally(first / columns, result);
    for (int from = 0; from < count; from += MatrixReader.PIECE) {
      int piece = Math.min(MatrixReader.PIECE, count - from);
      Piece values = load(from, piece);
      int done = 0;
      while (done < piece) {
        long element = first + from + done;
        int run = Math.min(DifferenceKernel.SEGMENT, piece - done);
        if (rowWise) {
          run = (int) Math.min(run, columns - element % columns);
        }
        segment(values, done, run, element, result);
        if (rowWise) {
          row.add(element / columns, result.sums);
        }
        done += run;
      }
    }
    if (rowWise) {
      row.close(task.plan.rowsPerChunk() == 0);
    }
    return result;
  }

  /** Decoded values of a piece, with their bounds where a floor exists. */
  private record Piece(
      MemorySegment a,
      MemorySegment b,
      @Nullable MemorySegment boundsA,
      @Nullable MemorySegment boundsB) {}

  private Piece load(int from, int count) {
    return new Piece(
        values(a, from, count),
        values(b, from, count),
        floored ? bounds(a, from, count) : null,
        floored ? bounds(b, from, count) : null);
  }

  private MemorySegment values(MatrixReader reader, int from, int count) {
    if (wide) {
      return reader.wideValues(from, count);
    }
    return floored ? reader.boundedValues(from, count) : reader.values(from, count);
  }

  private MemorySegment bounds(MatrixReader reader, int from, int count) {
    return wide ? reader.wideBounds(from, count) : reader.bounds(from, count);
  }

  private void segment(Piece piece, int at, int count, long element, ChunkSums result) {
    DifferenceSums sums = result.sums;
    FloorSums floor = result.floor;
    long bytes = wide ? Double.BYTES : Float.BYTES;
    long valuesAt = at * bytes;
    if (wide) {
      WideDifference.reduce(piece.a(), valuesAt, piece.b(), valuesAt, count, sums);
    } else {
      kernel.reduce(piece.a(), valuesAt, piece.b(), valuesAt, count, sums);
    }
    if (top.mayTake(sums.segmentLargest())) {
      if (wide) {
        WideDifference.offer(piece.a(), valuesAt, piece.b(), valuesAt, count, element, top);
      } else {
        kernel.offer(piece.a(), valuesAt, piece.b(), valuesAt, count, element, top);
      }
    }
    if (piece.boundsA() == null || piece.boundsB() == null) {
      return;
    }
    if (wide) {
      WideDifference.judge(
          piece.a(),
          valuesAt,
          piece.b(),
          valuesAt,
          piece.boundsA(),
          valuesAt,
          piece.boundsB(),
          valuesAt,
          count,
          element,
          floor);
    } else {
      kernel.judge(
          piece.a(),
          valuesAt,
          piece.b(),
          valuesAt,
          piece.boundsA(),
          valuesAt,
          piece.boundsB(),
          valuesAt,
          count,
          element,
          floor);
    }
  }

  /** Adds up the segments of a row. */
  private static final class RowTally {

    private final ChunkSums result;
    private long row;
    private double deltaSquared;
    private double aSquared;
    private long differingBefore;
    private boolean moved;

    RowTally(long row, ChunkSums result) {
      this.row = row;
      this.result = result;
    }

    void add(long segmentRow, DifferenceSums sums) {
      if (segmentRow != row) {
        finish();
        row = segmentRow;
      }
      deltaSquared += sums.segmentDeltaSquared();
      aSquared += sums.segmentASquared();
      long differing = sums.pairs() - sums.equal();
      moved |= differing != differingBefore;
      differingBefore = differing;
    }

    void close(boolean pieceOfRow) {
      if (pieceOfRow) {
        result.pieceRow = row;
        result.pieceDeltaSquared = deltaSquared;
        result.pieceASquared = aSquared;
        result.pieceMoved = moved;
      } else {
        finish();
      }
    }

    private void finish() {
      if (moved) {
        result.rowsMoved++;
        result.topRows.offer(row, RowNorms.relative(deltaSquared, aSquared));
      }
      deltaSquared = 0;
      aSquared = 0;
      moved = false;
    }
  }

  /** The largest differences this worker saw. */
  TopDifferences top() {
    return top;
  }

  @Override
  public void close() {
    a.close();
    b.close();
  }
}
