package dev.witnessmark.parity.compare;

import dev.witnessmark.model.transformer.StageKey;

/**
 * The logits of B's path with a side's values in one place.
 *
 * @param at that place
 * @param from the side whose values were put there, and with whose logits they were compared
 * @param same whether the logits are that side's to the bit
 * @param distance root mean square of what is left, over that of that side's logits
 * @param before the same without the graft
 */
public record GraftOutcome(
    StageKey at, String from, boolean same, double distance, double before) {}
