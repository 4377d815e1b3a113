package dev.witnessmark.compare.match;

import dev.witnessmark.compare.matrix.AdaptedMatrix;
import dev.witnessmark.compare.matrix.Matrix;
import dev.witnessmark.model.TensorIdentity;
import java.util.List;

/**
 * Two tensors, or parts of them, that are each other's counterpart, as matrices of one shape.
 *
 * @param a the left one
 * @param b the right one
 * @param identity what they are
 * @param guessed true if no architecture table knows them
 * @param views what was done to make them comparable, in words; empty if nothing
 * @param rank number of dimensions of the tensors; below 2 there are no rows to speak of
 */
public record TensorPair(
    Matrix a, Matrix b, TensorIdentity identity, boolean guessed, List<String> views, int rank) {

  public TensorPair {
    views = List.copyOf(views);
    if (a.rows() != b.rows() || a.columns() != b.columns()) {
      throw new IllegalArgumentException(
          "%s [%d, %d], %s [%d, %d]"
              .formatted(a.name(), a.rows(), a.columns(), b.name(), b.rows(), b.columns()));
    }
  }

  /** True if both sides have been rounded to different or coarse storage: a floor exists. */
  public boolean hasFloor() {
    boolean rounded = a.type() != b.type() || a.type().quantised() || a.isCoded() || b.isCoded();
    // A merge rounds, whatever it is stored as.
    rounded |= a instanceof AdaptedMatrix || b instanceof AdaptedMatrix;
    return rounded && a.bounded() && b.bounded();
  }
}
