package dev.witnessmark.parity.check;

import dev.witnessmark.parity.measure.LogitsMetrics;

/**
 * Logits of one call.
 *
 * @param position the call's last position
 * @param decode whether the call was of one position after the prompt
 * @param logits the oracle's against the device's
 */
public record PositionCheck(int position, boolean decode, LogitsMetrics logits) {}
