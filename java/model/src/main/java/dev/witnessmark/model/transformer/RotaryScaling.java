package dev.witnessmark.model.transformer;

import java.util.List;

/** How rotary frequencies are stretched for contexts longer than those of training. */
public sealed interface RotaryScaling {

  /** Not at all. */
  record None() implements RotaryScaling {}

  /** Positions are divided by {@code factor}. */
  record Linear(double factor) implements RotaryScaling {}

  /**
   * Long wavelengths are stretched, short ones are not, with a ramp between (Llama 3.1).
   *
   * @param factor by which the longest are stretched
   * @param lowFrequency wavelengths above context / this are stretched in full
   * @param highFrequency wavelengths below context / this are left alone
   * @param context positions of training
   */
  record Llama3(double factor, double lowFrequency, double highFrequency, int context)
      implements RotaryScaling {}

  /**
   * NTK by parts with a temperature (Peng et al., YaRN, 2023).
   *
   * @param factor by which long wavelengths are stretched
   * @param context positions of training
   * @param betaFast rotations over the context from which on nothing is stretched
   * @param betaSlow rotations up to which all is stretched
   * @param temperature what cosines and sines are multiplied by
   */
  record Yarn(double factor, int context, double betaFast, double betaSlow, double temperature)
      implements RotaryScaling {}

  /**
   * One divisor for each pair, as stored in a file ({@code rope_freqs} in GGUF).
   *
   * @param factors of the pairs in order
   */
  record Factors(List<Double> factors) implements RotaryScaling {}
}
