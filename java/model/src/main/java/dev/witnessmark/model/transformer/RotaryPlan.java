package dev.witnessmark.model.transformer;

/**
 * How positions turn queries and keys.
 *
 * @param interleaved whether elements 2i and 2i + 1 form a pair, else i and i + rotated/2
 * @param rotated elements of a head that are turned, an even number
 * @param theta the base of the wavelengths
 * @param scaling how they are stretched
 */
public record RotaryPlan(boolean interleaved, int rotated, double theta, RotaryScaling scaling) {

  /**
   * The angle per position of each pair, in radians: θ^(−2i/rotated), stretched. Functions of
   * StrictMath, so that it is the same on every machine.
   */
  public double[] frequencies() {
    double[] frequencies = new double[rotated / 2];
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = scaled(StrictMath.pow(theta, -2.0 * i / rotated), i);
    }
    return frequencies;
  }

  /** What cosines and sines are multiplied by. */
  public double temperature() {
    return scaling instanceof RotaryScaling.Yarn yarn ? yarn.temperature() : 1;
  }

  private double scaled(double frequency, int pair) {
    return switch (scaling) {
      case RotaryScaling.None() -> frequency;
      case RotaryScaling.Linear(double factor) -> frequency / factor;
      case RotaryScaling.Factors(var factors) -> frequency / factors.get(pair);
      case RotaryScaling.Llama3 llama -> llama3(frequency, llama);
      case RotaryScaling.Yarn yarn -> yarn(frequency, pair, yarn);
    };
  }

  private static double llama3(double frequency, RotaryScaling.Llama3 llama) {
    double wavelength = 2 * Math.PI / frequency;
    if (wavelength < llama.context() / llama.highFrequency()) {
      return frequency;
    }
    if (wavelength > llama.context() / llama.lowFrequency()) {
      return frequency / llama.factor();
    }
    double ramp =
        (llama.context() / wavelength - llama.lowFrequency())
            / (llama.highFrequency() - llama.lowFrequency());
    return (1 - ramp) * frequency / llama.factor() + ramp * frequency;
  }

  private double yarn(double frequency, int pair, RotaryScaling.Yarn yarn) {
    double low = Math.max(Math.floor(pairOfRotations(yarn.betaFast(), yarn.context())), 0);
    double high =
        Math.min(Math.ceil(pairOfRotations(yarn.betaSlow(), yarn.context())), rotated - 1);
    // The distance that the reference implementations keep between equal ends.
    double ramp = Math.clamp((pair - low) / Math.max(high - low, 0.001), 0, 1);
    return frequency / yarn.factor() * ramp + frequency * (1 - ramp);
  }

  /** The pair, as a real number, that turns {@code rotations} times over {@code context}. */
  private double pairOfRotations(double rotations, int context) {
    return rotated
        * StrictMath.log(context / (rotations * 2 * Math.PI))
        / (2 * StrictMath.log(theta));
  }
}
