package dev.witnessmark.causal.diff;

/**
 * All tensors of one projection together.
 *
 * @param shift their rows
 * @param mean mean distance as a running mean over tensors, each weighted by its rows: {@code (mean
 *     · rows + tensorMean · tensorRows) / (rows + tensorRows)} in float64; 0 while there are no
 *     rows
 */
public record ProjectionShift(Shift shift, double mean) {

  static final ProjectionShift NONE = new ProjectionShift(Shift.NONE, 0);

  ProjectionShift plus(Shift tensor) {
    Shift both = shift.plus(tensor);
    double weighted = mean * (double) shift.rows() + tensor.mean() * (double) tensor.rows();
    return new ProjectionShift(both, both.rows() == 0 ? 0 : weighted / (double) both.rows());
  }
}
