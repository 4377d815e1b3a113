package dev.witnessmark.kernels.host;

import java.lang.foreign.MemorySegment;

/**
 * The integer half of fused products with one type of weights. Several short rows, or a part of a
 * long one, make a {@link Q8Piece}: what of it does not depend on the activations is taken out
 * once, then multiplied with every column of activations.
 */
interface Q8Format {

  /**
   * Blocks that are taken apart at once: a multiple of {@link Q8Piece#LANES}, at most {@link
   * Q8Piece#BLOCKS}.
   */
  int pieceBlocks();

  /** Integers that {@link #prepare} makes of the codes of one block of activations. */
  int factorsPerBlock();

  /** Integers that {@link #prepare} makes of the sums of one block, in either of two memories. */
  int sumsPerBlock();

  /** Whether blocks have offsets. */
  boolean hasOffsets();

  /**
   * Puts codes and sums of a column in the order in which {@link #multiply} and {@link
   * #multiplySums} take them.
   *
   * @param activations blocks from byte {@code at}
   * @param block index of the first one in the factors of {@code to}
   * @param sum index of the first one in the sums of {@code to}
   */
  void prepare(
      MemorySegment activations, long at, int blocks, Q8Activations to, long block, long sum);

  /**
   * Takes scales and offsets out of blocks of one row. Up to {@link Q8Piece#EXCESS} bytes beyond
   * them may be read, here and when they are multiplied.
   *
   * @param first index of the first one in {@code piece}
   */
  void read(MemorySegment weights, long at, int blocks, Q8Piece piece, int first);

  /** Called once when all rows of a piece have been read. */
  void unpack(int blocks, Q8Piece piece);

  /**
   * Writes sixteen integers for each of some blocks of one row to {@link Q8Piece#partials}: their
   * sum is the block's integer product.
   *
   * @param first index of the first block in {@code piece}
   * @param block index of the first block in the factors of {@code activations}
   */
  void multiply(
      MemorySegment weights,
      long at,
      int blocks,
      Q8Piece piece,
      int first,
      Q8Activations activations,
      long block);

  /**
   * Writes four integers for each block of a piece to {@link Q8Piece#offsetQuarters}: their sum is
   * what the block's offset is multiplied with.
   *
   * @param block index of the first block in the sums of {@code activations}
   */
  void multiplySums(int blocks, Q8Piece piece, Q8Activations activations, long block);
}
