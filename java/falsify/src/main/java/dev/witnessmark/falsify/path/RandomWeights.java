package dev.witnessmark.falsify.path;

import java.util.Random;

/**
 * The control of the chains: weights of four bits without a mean. Every sub-block has a random
 * scale of 1 … 63, every weight is scale·(code − 7.5) with a random code, written as Q4_K with d =
 * 1, dmin = 7.5 and minima equal to the scales.
 */
public final class RandomWeights {

  /** Float16 7.5. */
  private static final short SEVEN_AND_A_HALF = 0x4780;

  private RandomWeights() {}

  /** The next matrix of {@code random}. */
  public static Q4kMatrix matrix(Random random) {
    byte[] stored = new byte[Q4kMatrix.ROWS * Q4kBlock.BYTES];
    random.nextBytes(stored);
    for (int at = 0; at < stored.length; at += Q4kBlock.BYTES) {
      stored[at] = (byte) Synthetic.ONE;
      stored[at + 1] = (byte) (Synthetic.ONE >> 8);
      stored[at + 2] = (byte) SEVEN_AND_A_HALF;
      stored[at + 3] = (byte) (SEVEN_AND_A_HALF >> 8);
      for (int j = 0; j < 4; j++) {
        int low = 1 + random.nextInt(63);
        int high = 1 + random.nextInt(63);
        byte packed = (byte) (low | high >> 4 << 6);
        stored[at + 4 + j] = packed;
        stored[at + 8 + j] = packed;
        stored[at + 12 + j] = (byte) ((high & 15) | (high & 15) << 4);
      }
    }
    return new Q4kMatrix(stored);
  }
}
