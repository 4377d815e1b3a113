package dev.witnessmark.kernels.host;

import java.lang.foreign.MemorySegment;

/** What Q4_K and Q5_K have in common: nibbles in pairs, scales and minima of six bits. */
abstract class SixBitFormat implements Q8Format {

  private final NibblePairs pairs = new NibblePairs();
  private final int blockBytes;

  SixBitFormat(int blockBytes) {
    this.blockBytes = blockBytes;
  }

  @Override
  public final int pieceBlocks() {
    return Q8Piece.BLOCKS;
  }

  @Override
  public final int factorsPerBlock() {
    return NibblePairs.FACTORS;
  }

  @Override
  public final int sumsPerBlock() {
    return SixBitScales.SUMS;
  }

  @Override
  public final boolean hasOffsets() {
    return true;
  }

  @Override
  public final void prepare(
      MemorySegment activations, long at, int blocks, Q8Activations to, long block, long sum) {
    for (int i = 0; i < blocks; i++) {
      long from = at + (long) Q8K.BYTES * i;
      pairs.prepare(activations, from + Q8K.CODES, to.factors, 512 * (block + i));
      SixBitScales.prepare(activations, from + Q8K.SUMS, to, sum + i);
    }
  }

  @Override
  public final void read(MemorySegment weights, long at, int blocks, Q8Piece piece, int first) {
    SixBitScales.copyHeaders(
        weights, at, blockBytes, blocks, piece.headers, (long) SixBitScales.HEADER * first);
  }

  @Override
  public final void unpack(int blocks, Q8Piece piece) {
    SixBitScales.unpack(blocks, piece);
  }

  @Override
  public final void multiplySums(int blocks, Q8Piece piece, Q8Activations activations, long block) {
    SixBitScales.multiplySums(blocks, piece, activations, block);
  }
}
