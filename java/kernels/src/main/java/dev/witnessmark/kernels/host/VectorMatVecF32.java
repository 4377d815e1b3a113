package dev.witnessmark.kernels.host;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.decode.Decoder;
import dev.witnessmark.kernels.operation.MatVecF32;
import java.lang.foreign.MemorySegment;

/**
 * Products with decoded rows: a stretch of a row is decoded into the first-level cache, then
 * multiplied with every column of activations.
 */
final class VectorMatVecF32 {

  /** Elements of a stretch: whole blocks of every type. */
  private static final int STRETCH = 2048;

  private final MemorySegment decoded = Scratch.allocate((long) STRETCH * Float.BYTES);

  /** [columns, 256] float32. */
  private final Scratch lanes = new Scratch();

  void run(
      Decoder decoder,
      MatVecF32 o,
      MemorySegment weights,
      MemorySegment activations,
      MemorySegment results) {
    MemorySegment sums = lanes.atLeast(WideLanes.BYTES * o.batch());
    long rowBytes = o.type().bytes(o.columns());
    for (int row = 0; row < o.rows(); row++) {
      Scratch.clear(sums, WideLanes.BYTES * o.batch());
      for (int first = 0; first < o.columns(); first += STRETCH) {
        stretch(
            decoder, o, weights, row * rowBytes + o.type().bytes(first), activations, first, sums);
      }
      for (int column = 0; column < o.batch(); column++) {
        float total = WideLanes.total(sums, WideLanes.BYTES * column);
        Values.setF32(results, (long) column * o.rows() + row, total);
      }
    }
  }

  private void stretch(
      Decoder decoder,
      MatVecF32 o,
      MemorySegment weights,
      long at,
      MemorySegment activations,
      int first,
      MemorySegment sums) {
    int count = Math.min(STRETCH, o.columns() - first);
    MemorySegment row = weights;
    long rowAt = at;
    if (o.type() != TensorType.F32) {
      decoder.decode(weights, at, decoded, 0, count);
      row = decoded;
      rowAt = 0;
    }
    for (int column = 0; column < o.batch(); column++) {
      long x = Float.BYTES * ((long) column * o.columns() + first);
      WideLanes.addProducts(row, rowAt, activations, x, count, sums, WideLanes.BYTES * column);
    }
  }
}
