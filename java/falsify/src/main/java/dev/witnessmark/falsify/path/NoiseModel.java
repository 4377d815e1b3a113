package dev.witnessmark.falsify.path;

/**
 * What rounding of activations does to a product: every activation is off by a number drawn evenly
 * from ±scale/2, whose standard deviation is scale/√12, so that the product with w is off by about
 * a normal number with standard deviation σ = scale/√12·‖w‖.
 *
 * @param sigma σ
 */
public record NoiseModel(double sigma) {

  /**
   * The model of one block.
   *
   * @param scale what a code of one stands for
   * @param weightNorm ‖w‖
   */
  public static NoiseModel of(double scale, double weightNorm) {
    return new NoiseModel(scale / Math.sqrt(12) * weightNorm);
  }

  /** How many standard deviations a difference is. */
  public double z(double difference) {
    return Math.abs(difference) / sigma;
  }
}
