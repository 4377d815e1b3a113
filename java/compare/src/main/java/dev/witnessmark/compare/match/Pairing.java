package dev.witnessmark.compare.match;

import dev.witnessmark.model.IdentifiedTensor;
import java.util.List;

/**
 * Every tensor of both sides, accounted for.
 *
 * @param pairs comparable pairs, in the order of the left checkpoint
 * @param incompatible pairs of different shape
 * @param onlyInA left tensors without counterpart
 * @param onlyInB right tensors without counterpart
 */
public record Pairing(
    List<TensorPair> pairs,
    List<Incompatible> incompatible,
    List<IdentifiedTensor> onlyInA,
    List<IdentifiedTensor> onlyInB) {

  public Pairing {
    pairs = List.copyOf(pairs);
    incompatible = List.copyOf(incompatible);
    onlyInA = List.copyOf(onlyInA);
    onlyInB = List.copyOf(onlyInB);
  }
}
