package dev.witnessmark.compare;

import org.jspecify.annotations.Nullable;

/**
 * How much of the allowance for storage rounding the differences use. Each pair of values has its
 * own allowance: what rounding to the storage of A can have moved, plus the same for B.
 *
 * @param within differing pairs inside their allowance (below half a step, or half an ulp)
 * @param beyond pairs outside
 * @param energyWithin share of Σ Δ² that lies in pairs inside their allowance, 0 to 1
 * @param used largest |Δ| / allowance: the smallest factor on the budget that would have passed;
 *     infinite where nothing is allowed
 * @param usedIndex where, or null if nothing differs
 */
public record FloorUse(
    long within, long beyond, double energyWithin, double used, @Nullable Long usedIndex) {}
