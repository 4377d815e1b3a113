package dev.witnessmark.causal.quality;

import dev.witnessmark.causal.diff.HeadKey;
import dev.witnessmark.causal.truth.Truth;

/**
 * A head and what the diffs say of it.
 *
 * @param head block and projection
 * @param quality in which diffs it shifted
 * @param truth that it shifts, revised diff by diff
 */
public record JudgedHead(HeadKey head, HeadQuality quality, Truth truth) {}
