package dev.witnessmark.falsify;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the program's own kernels make of an experiment's input: the same bits on every device.
 *
 * @param name what is computed, and by which operations
 * @param reference the CRC-32 that it must have, or null where it has not been published
 * @param compute computes it
 */
public record Trial(
    String name, @Nullable Reference reference, Function<Kernels, float[]> compute) {

  TrialResult on(Kernels oracle, Kernels device) {
    return TrialResult.of(this, compute.apply(oracle), compute.apply(device));
  }
}
