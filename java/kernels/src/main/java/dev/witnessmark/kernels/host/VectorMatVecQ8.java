package dev.witnessmark.kernels.host;

import dev.witnessmark.kernels.decode.Lanes;
import dev.witnessmark.kernels.operation.Arithmetic;
import dev.witnessmark.kernels.operation.MatVecQ8;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Fused products: some rows are taken apart together, then multiplied with every column of
 * activations. In {@link Arithmetic#FAST} the integer sums are the same, and {@link
 * Q8Piece#addFast} adds them up within the budget that it names.
 */
final class VectorMatVecQ8 {

  private static final VectorSpecies<Integer> INTS = Lanes.INTS;

  private final Arithmetic arithmetic;

  /** Keeps the compiler from leaving out {@link #fetch}. */
  int fetched;

  private final Q8Piece piece = new Q8Piece();
  private final Q8Activations prepared = new Q8Activations();

  /** The last rows, with room to read beyond them. */
  private final Scratch lastRows = new Scratch();

  /** [columns, rows of a piece, 32] float32; canonical sums use the first eight. */
  private final Scratch lanes = new Scratch();

  VectorMatVecQ8(Arithmetic arithmetic) {
    this.arithmetic = arithmetic;
  }

  void run(
      Q8Format format,
      MatVecQ8 o,
      MemorySegment weights,
      MemorySegment activations,
      MemorySegment results) {
    int blocks = o.columns() / o.type().blockElements();
    prepared.prepare(format, o.activationType(), activations, o.batch(), blocks);
    int most = prepared.rows;
    MemorySegment sums = lanes.atLeast((long) Q8Piece.LANE_BYTES * most * o.batch());
    long rowBytes = o.type().bytes(o.columns());
    long bytes = weights.byteSize();
    for (int row = 0; row < o.rows(); row += most) {
      int rows = Math.min(most, o.rows() - row);
      long at = row * rowBytes;
      if (at + rows * rowBytes + Q8Piece.EXCESS > bytes) {
        MemorySegment copy = lastRows.atLeast(rows * rowBytes + Q8Piece.EXCESS);
        MemorySegment.copy(weights, at, copy, 0, rows * rowBytes);
        rows(format, o, copy, 0, rows, blocks, sums);
      } else {
        rows(format, o, weights, at, rows, blocks, sums);
      }
      for (int column = 0; column < o.batch(); column++) {
        for (int i = 0; i < rows; i++) {
          Values.setF32(
              results, (long) column * o.rows() + row + i, total(sums, column * rows + i));
        }
      }
    }
  }

  private void rows(
      Q8Format format,
      MatVecQ8 o,
      MemorySegment source,
      long at,
      int rows,
      int blocks,
      MemorySegment sums) {
    Scratch.clear(sums, (long) Q8Piece.LANE_BYTES * rows * o.batch());
    for (int first = 0; first < blocks; first += format.pieceBlocks()) {
      part(format, o, source, at, rows, blocks, first, sums);
    }
  }

  /** The blocks from {@code first} on of some rows: all of them, or a piece of one row. */
  private void part(
      Q8Format format,
      MatVecQ8 o,
      MemorySegment source,
      long at,
      int rows,
      int blocks,
      int first,
      MemorySegment sums) {
    long rowBytes = o.type().bytes(o.columns());
    int count = Math.min(format.pieceBlocks(), blocks - first);
    int stride = (count + Q8Piece.LANES - 1) & -Q8Piece.LANES;
    long from = at + (long) first * o.type().blockBytes();
    fetched =
        fetch(source, from, from + (rows - 1) * rowBytes + (long) count * o.type().blockBytes());
    if (stride == count) {
      format.read(source, from, rows * count, piece, 0);
      format.unpack(rows * count, piece);
    } else {
      for (int row = 0; row < rows; row++) {
        format.read(source, from + row * rowBytes, count, piece, row * stride);
      }
      format.unpack(rows * stride, piece);
      piece.pad(rows, count, stride);
    }
    for (int column = 0; column < o.batch(); column++) {
      long block = column * prepared.stride + first;
      for (int row = 0; row < rows; row++) {
        format.multiply(source, from + row * rowBytes, count, piece, row * stride, prepared, block);
      }
      long sum = (long) column * prepared.rows * prepared.stride + first;
      if (format.hasOffsets()) {
        format.multiplySums(rows * stride, piece, prepared, sum);
      }
      long to = (long) Q8Piece.LANE_BYTES * column * rows;
      if (arithmetic == Arithmetic.CANONICAL) {
        piece.addTerms(format.hasOffsets(), rows, stride, prepared.scales, 4 * sum, sums, to);
      } else {
        piece.addFast(format.hasOffsets(), rows, stride, prepared.scales, 4 * sum, sums, to);
      }
    }
  }

  /**
   * Lanes l and l + s for s = 4, 2, 1, and before that those of the offsets and s = 8 of fast sums.
   */
  private float total(MemorySegment lanes, int i) {
    long first = (long) Q8Piece.LANE_BYTES / Float.BYTES * i;
    if (arithmetic == Arithmetic.FAST) {
      for (long lane = first; lane < first + Q8Piece.LANES; lane++) {
        float sum = Values.f32(lanes, lane) + Values.f32(lanes, lane + Q8Piece.LANES);
        sum += Values.f32(lanes, lane + Q8Piece.OFFSET_LANES / Float.BYTES);
        Values.setF32(lanes, lane, sum);
      }
    }
    float even =
        (Values.f32(lanes, first) + Values.f32(lanes, first + 4))
            + (Values.f32(lanes, first + 2) + Values.f32(lanes, first + 6));
    float odd =
        (Values.f32(lanes, first + 1) + Values.f32(lanes, first + 5))
            + (Values.f32(lanes, first + 3) + Values.f32(lanes, first + 7));
    return even + odd;
  }

  /**
   * Reads bytes from {@code from} to {@code to} once, in order: what follows goes over them in
   * strides, and more than once, which memory answers far more slowly.
   */
  private static int fetch(MemorySegment source, long from, long to) {
    IntVector all = IntVector.zero(INTS);
    for (long at = from; at < to; at += INTS.vectorByteSize()) {
      all = all.or(IntVector.fromMemorySegment(INTS, source, at, ByteOrder.LITTLE_ENDIAN));
    }
    return all.reduceLanes(VectorOperators.OR);
  }
}
