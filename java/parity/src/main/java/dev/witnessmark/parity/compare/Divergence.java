package dev.witnessmark.parity.compare;

import dev.witnessmark.model.transformer.StageKey;

/**
 * The first stage that is wrong by itself.
 *
 * @param key which one
 * @param side the side that is off: A, B, or {@code A or B} where nothing tells
 * @param why how that is known
 */
public record Divergence(StageKey key, String side, String why) {}
