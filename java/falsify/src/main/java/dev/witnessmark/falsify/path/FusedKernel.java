package dev.witnessmark.falsify.path;

/**
 * Path B for a row of one block: integers inside the block, floats after. All but {@link
 * #MISPAIRED} compute the same in exact arithmetic and may differ in the last bits.
 */
public enum FusedKernel {
  /**
   * Eight integer lanes, lane k with values 4k … 4k + 3 of every sub-block, each times d·s; then
   * across the lanes. The minima in four pairs of sub-blocks. The order of the published bits.
   */
  LANES {
    @Override
    public float dot(Q4kBlock w, Q8Activations x) {
      int[] sums = new int[8];
      for (int i = 0; i < Q4kBlock.WEIGHTS; i++) {
        int j = i / Q4kBlock.SUB_BLOCK;
        sums[i % Q4kBlock.SUB_BLOCK / 4] += w.scale(j) * w.code(i) * x.codes()[i];
      }
      float[] lanes = new float[8];
      for (int k = 0; k < lanes.length; k++) {
        lanes[k] = sums[k] * (x.scale() * w.d());
      }
      float[] minima = new float[4];
      for (int i = 0; i < minima.length; i++) {
        minima[i] = pairOfMinima(w, x, i) * (-x.scale() * w.dmin());
      }
      return Dot.acrossHalves(lanes) + Dot.acrossHalf(minima[0], minima[1], minima[2], minima[3]);
    }
  },

  /** One integer sum over the whole block for the codes and one for the minima. */
  WHOLE {
    @Override
    public float dot(Q4kBlock w, Q8Activations x) {
      int codes = 0;
      int minima = 0;
      for (int j = 0; j < Q4kBlock.SUB_BLOCKS; j++) {
        codes += w.scale(j) * x.dot(w, j);
        minima += w.minimum(j) * x.sum(j);
      }
      return (w.d() * x.scale()) * codes - (w.dmin() * x.scale()) * minima;
    }
  },

  /** Two sub-blocks at a time, codes added and then minima subtracted. */
  PAIRS {
    @Override
    public float dot(Q4kBlock w, Q8Activations x) {
      float sum = 0;
      for (int pair = 0; pair < Q4kBlock.SUB_BLOCKS / 2; pair++) {
        int even = 2 * pair;
        int odd = even + 1;
        sum +=
            (w.d() * x.scale()) * (w.scale(even) * x.dot(w, even) + w.scale(odd) * x.dot(w, odd));
        sum -= (w.dmin() * x.scale()) * pairOfMinima(w, x, pair);
      }
      return sum;
    }
  },

  /**
   * A kernel that shipped and is wrong: {@link #PAIRS} with the scale of the even sub-block given
   * to the first half of both, and that of the odd one to the second halves.
   */
  MISPAIRED {
    @Override
    public float dot(Q4kBlock w, Q8Activations x) {
      float sum = 0;
      for (int pair = 0; pair < Q4kBlock.SUB_BLOCKS / 2; pair++) {
        int codes = 0;
        for (int l = 0; l < 2 * Q4kBlock.SUB_BLOCK; l++) {
          int i = 2 * Q4kBlock.SUB_BLOCK * pair + l;
          boolean firstHalf = l % Q4kBlock.SUB_BLOCK < Q4kBlock.SUB_BLOCK / 2;
          codes += w.scale(2 * pair + (firstHalf ? 0 : 1)) * w.code(i) * x.codes()[i];
        }
        sum += (w.d() * x.scale()) * codes;
        sum -= (w.dmin() * x.scale()) * pairOfMinima(w, x, pair);
      }
      return sum;
    }
  };

  /** The product of a row with a block of activations. */
  public abstract float dot(Q4kBlock w, Q8Activations x);

  private static int pairOfMinima(Q4kBlock w, Q8Activations x, int pair) {
    return w.minimum(2 * pair) * x.sum(2 * pair) + w.minimum(2 * pair + 1) * x.sum(2 * pair + 1);
  }
}
