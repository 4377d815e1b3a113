package dev.witnessmark.model.transformer;

import java.util.BitSet;

/**
 * Layers whose MLP is a mixture of experts.
 *
 * @param experts how many there are
 * @param used how many a token goes through
 * @param intermediate width of one
 * @param normalised whether the weights of the used ones add up to 1
 * @param layers which layers, as a bit for each
 */
public record SparseLayers(
    int experts, int used, int intermediate, boolean normalised, BitSet layers) {}
