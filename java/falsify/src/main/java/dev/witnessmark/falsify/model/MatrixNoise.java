package dev.witnessmark.falsify.model;

import dev.witnessmark.format.TensorType;

/**
 * How far the results of one matrix are apart on both paths, beside what rounding of activations
 * explains. All activations are those of the {@code f32} path.
 *
 * @param name name of the matrix in the model's files; experts of a layer are taken together
 * @param type how it is stored
 * @param results how many results were compared
 * @param relative ‖q8 − f32‖ / ‖f32‖
 * @param error root mean square of q8 − f32
 * @param sigma root mean square of σ, the error that rounding of activations explains
 * @param z root mean square of (q8 − f32)/σ: 1 if rounding of activations is all there is
 * @param largestZ largest |q8 − f32|/σ
 * @param beyondThree how many are beyond 3σ; of normal draws 0.27 % are
 * @param brokenZ what {@code z} is for a kernel that skips sixteen activations of every block
 * @param rows how many vectors of activations there were
 * @param crushedRows how many of them have a block whose largest magnitude is eight times the next
 */
public record MatrixNoise(
    String name,
    TensorType type,
    long results,
    double relative,
    double error,
    double sigma,
    double z,
    double largestZ,
    long beyondThree,
    double brokenZ,
    long rows,
    long crushedRows) {

  /** Whether the broken kernel would have stood out here, so that {@code z} says something. */
  public boolean sees() {
    return brokenZ > ModelResult.MOST_Z;
  }
}
