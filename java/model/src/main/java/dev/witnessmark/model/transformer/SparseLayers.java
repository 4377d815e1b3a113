package dev.witnessmark.model.transformer;

import java.util.Set;

/**
 * Layers whose MLP is a mixture of experts.
 *
 * @param experts how many there are
 * @param used how many a token goes through
 * @param intermediate width of one
 * @param normalised whether the weights of the used ones add up to 1
 * @param layers which layers
 */
public record SparseLayers(
    int experts, int used, int intermediate, boolean normalised, Set<Integer> layers) {

  public SparseLayers {
    layers = Set.copyOf(layers);
  }
}
