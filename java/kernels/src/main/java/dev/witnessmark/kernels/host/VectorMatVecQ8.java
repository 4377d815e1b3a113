package dev.witnessmark.kernels.host;

import dev.witnessmark.kernels.operation.MatVecQ8;
import java.lang.foreign.MemorySegment;

/** Fused products, a row at a time and its pieces with every column of activations. */
final class VectorMatVecQ8 {

  private final Q8Piece piece = new Q8Piece();
  private final Q8Activations prepared = new Q8Activations();

  /** The last rows, with room to read beyond it. */
  private final Scratch lastRows = new Scratch();

  /** [columns, rows of a piece, 16] float32, of which the first eight are used. */
  private final Scratch lanes = new Scratch();

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
    sums.fill((byte) 0);
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
      piece.addTerms(
          format.hasOffsets(),
          rows,
          stride,
          prepared.scales,
          4 * sum,
          sums,
          (long) Q8Piece.LANE_BYTES * column * rows);
    }
  }

  /** Lanes l and l + s for s = 4, 2, 1. */
  private static float total(MemorySegment lanes, int i) {
    long first = (long) Q8Piece.LANE_BYTES / Float.BYTES * i;
    float even =
        (Values.f32(lanes, first) + Values.f32(lanes, first + 4))
            + (Values.f32(lanes, first + 2) + Values.f32(lanes, first + 6));
    float odd =
        (Values.f32(lanes, first + 1) + Values.f32(lanes, first + 5))
            + (Values.f32(lanes, first + 3) + Values.f32(lanes, first + 7));
    return even + odd;
  }
}
