package dev.witnessmark.inference;

import dev.witnessmark.verdict.CouldNotCompare;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Draws a token, in this order, all of it in double:
 *
 * <ol>
 *   <li>tokens are sorted by falling logit, equal ones by rising id, and the first {@code topK}
 *       stay;
 *   <li>the weight of a token is {@code StrictMath.exp((logit - largest) / temperature)};
 *   <li>weights are added in that order, one after the other; the tokens up to the first at which
 *       the sum reaches {@code topP} times the whole sum stay;
 *   <li>a random number in [0, 1) times the sum of those that stayed is drawn; the token is the
 *       first at which the sum is above it.
 * </ol>
 *
 * <p>The random numbers are SplitMix64's (Steele, Lea, Flood 2014), the upper 53 bits of each: the
 * generators of the JDK promise equal sequences for equal seeds only within one version, except
 * {@link java.util.Random}, whose first numbers hardly differ for neighbouring seeds.
 */
final class SeededSampler implements Sampler {

  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  private final Sampling sampling;
  private long state;

  SeededSampler(Sampling sampling, long seed) {
    this.sampling = sampling;
    this.state = seed;
  }

  @Override
  public int next(float[] logits) throws CouldNotCompare {
    float largest = logits[GreedySampler.largest(logits)];
    if (Float.isInfinite(largest)) {
      throw new CouldNotCompare(
          "the largest logit is %s, which gives no probabilities".formatted(largest));
    }
    int[] order = order(logits);
    double[] sums = new double[order.length];
    double sum = 0;
    for (int i = 0; i < order.length; i++) {
      sum += StrictMath.exp(((double) logits[order[i]] - largest) / sampling.temperature());
      sums[i] = sum;
    }
    int stay = first(sums, sampling.topP() * sum, true) + 1;
    return order[first(sums, random() * sums[stay - 1], false)];
  }

  /** The ids that take part, by falling logit, then rising id. */
  private int[] order(float[] logits) {
    // Zeros of both signs are equal, as they are for the arg-max; Float.compare would part them.
    Comparator<Integer> falling =
        (a, b) -> logits[a] > logits[b] ? -1 : logits[a] < logits[b] ? 1 : a - b;
    IntStream sorted =
        IntStream.range(0, logits.length).boxed().sorted(falling).mapToInt(Integer::intValue);
    return (sampling.topK() == 0 ? sorted : sorted.limit(sampling.topK())).toArray();
  }

  /** Index of the first sum that is above {@code bound}, or also equal; the last if none is. */
  private static int first(double[] sums, double bound, boolean orEqual) {
    for (int i = 0; i < sums.length - 1; i++) {
      if (sums[i] > bound || (orEqual && sums[i] == bound)) {
        return i;
      }
    }
    return sums.length - 1;
  }

  /** The next random number in [0, 1). */
  private double random() {
    state += GOLDEN_GAMMA;
    long mixed = state;
    mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    mixed ^= mixed >>> 31;
    return (mixed >>> 11) * 0x1p-53;
  }
}
