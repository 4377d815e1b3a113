package dev.witnessmark.kernels.host;

import dev.witnessmark.format.TensorType;
import java.lang.foreign.MemorySegment;

/** Quantised activations in the order of a {@link Q8Format}; memory that grows and is kept. */
final class Q8Activations {

  private static final int EXCESS = 128;

  /** [columns, rows, {@link #stride}] float32, zero where there is no block. */
  MemorySegment scales = MemorySegment.NULL;

  /** [columns, {@link #stride}, factors per block] int32. */
  MemorySegment factors = MemorySegment.NULL;

  /** [2, columns, rows, {@link #stride}, sums per block] int32. */
  final MemorySegment[] sums = {MemorySegment.NULL, MemorySegment.NULL};

  /** Blocks from one column to the next, a multiple of {@link Q8Piece#LANES}. */
  long stride;

  /** How often scales and sums of a column are repeated: once for each row of a piece. */
  int rows;

  /** Makes everything of {@code columns} columns of {@code blocks} blocks each. */
  void prepare(
      Q8Format format, TensorType type, MemorySegment activations, int columns, int blocks) {
    stride = (blocks + Q8Piece.LANES - 1L) & -Q8Piece.LANES;
    rows = (int) Math.max(1, format.pieceBlocks() / stride);
    scales = grown(scales, (long) columns * rows, 1);
    factors = grown(factors, columns, format.factorsPerBlock());
    sums[0] = grown(sums[0], (long) columns * rows, format.sumsPerBlock());
    sums[1] = grown(sums[1], (long) columns * rows, format.sumsPerBlock());
    long columnBytes = (long) blocks * type.blockBytes();
    for (int column = 0; column < columns; column++) {
      long from = column * columnBytes;
      long first = (long) column * rows * stride;
      scales(type, activations, from, first, blocks);
      format.prepare(activations, from, blocks, this, column * stride, first);
      repeat(scales, first, 1);
      repeat(sums[0], first, format.sumsPerBlock());
      repeat(sums[1], first, format.sumsPerBlock());
    }
  }

  private void repeat(MemorySegment memory, long first, int perBlock) {
    long from = 4L * perBlock * first;
    long bytes = 4L * perBlock * stride;
    for (int row = 1; row < rows; row++) {
      MemorySegment.copy(memory, from, memory, from + row * bytes, bytes);
    }
  }

  private void scales(TensorType type, MemorySegment activations, long at, long first, int blocks) {
    boolean wide = type == TensorType.Q8_K;
    for (int block = 0; block < blocks; block++) {
      long from = at + (long) type.blockBytes() * block;
      float scale = wide ? Values.f32At(activations, from) : Values.f16At(activations, from);
      Values.setF32(scales, first + block, scale);
    }
    for (int block = blocks; block < stride; block++) {
      Values.setF32(scales, first + block, 0);
    }
  }

  private MemorySegment grown(MemorySegment memory, long columns, int perBlock) {
    long bytes =
        Math.addExact(
            Math.multiplyExact(Math.multiplyExact(columns, stride), 4L * perBlock), EXCESS);
    return memory.byteSize() >= bytes ? memory : Scratch.allocate(bytes);
  }
}
