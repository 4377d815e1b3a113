package dev.witnessmark.compare.match;

import dev.witnessmark.model.IdentifiedTensor;
import dev.witnessmark.model.TensorIdentity;

/**
 * Two tensors of one identity whose shapes do not agree under any view.
 *
 * @param a the left one
 * @param b the right one
 */
public record Incompatible(IdentifiedTensor a, IdentifiedTensor b) {

  public TensorIdentity identity() {
    return a.identity();
  }
}
