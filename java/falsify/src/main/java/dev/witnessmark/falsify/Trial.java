package dev.witnessmark.falsify;

import dev.witnessmark.verdict.CouldNotCompare;
import org.jspecify.annotations.Nullable;

/**
 * What the program's own kernels make of an experiment's input: the same bits on every device.
 *
 * @param name what is computed, and by which operations
 * @param reference the CRC-32 that it must have, or null where it has not been published
 * @param compute computes it
 */
public record Trial(String name, @Nullable Reference reference, Computation compute) {

  /** What is computed by kernels. */
  public interface Computation {
    /**
     * @throws CouldNotCompare if one of the kernels is missing
     */
    float[] by(Kernels kernels) throws CouldNotCompare;
  }

  TrialResult on(Kernels oracle, Kernels device) throws CouldNotCompare {
    return TrialResult.of(this, compute.by(oracle), compute.by(device));
  }
}
