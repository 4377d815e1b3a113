package dev.witnessmark.cuda;

/**
 * The grid at which every thread has work once, by the table in {@code cuda/README.md}. A smaller
 * one in x is right too, since its blocks take several turns, unless it is exact.
 *
 * @param units what the work is divided into along x: rows, pieces of elements
 * @param threadsPerUnit threads that share a unit; {@link #WHOLE_BLOCK} if a block does
 * @param threads of the block that the kernel was made for
 * @param y blocks along y
 * @param z blocks along z
 * @param exact whether x must not be cut
 */
record Geometry(long units, int threadsPerUnit, int threads, int y, int z, boolean exact) {

  /** Of {@link #threadsPerUnit}: however many threads a block has. */
  static final int WHOLE_BLOCK = 0;

  /** The most blocks that the hardware takes along y and z. */
  static final int MOST_ALONG_Y = 65_535;

  /** {@code units} of one thread each, in blocks of 256. */
  static Geometry threads(long units) {
    return rows(units, 1);
  }

  /** {@code units} of some threads each, in blocks of 256. */
  static Geometry rows(long units, int threadsPerUnit) {
    return new Geometry(units, threadsPerUnit, 256, 1, 1, false);
  }

  /** One block of {@code threads} for each unit. */
  static Geometry blocks(long units, int threads) {
    return new Geometry(units, WHOLE_BLOCK, threads, 1, 1, false);
  }

  Geometry withY(int blocks) {
    return new Geometry(units, threadsPerUnit, threads, blocks, z, exact);
  }

  Geometry withZ(int blocks) {
    return new Geometry(units, threadsPerUnit, threads, y, blocks, exact);
  }

  /** The same, of which no block along x may be left out. */
  Geometry exactly() {
    return new Geometry(units, threadsPerUnit, threads, y, z, true);
  }

  /** Blocks along x: at most {@code most}, unless it is exact. */
  int x(int threads, int most) {
    int unitsPerBlock = threadsPerUnit == WHOLE_BLOCK ? 1 : threads / threadsPerUnit;
    long blocks = Math.ceilDiv(units, unitsPerBlock);
    return Math.toIntExact(exact ? blocks : Math.min(blocks, most));
  }
}
