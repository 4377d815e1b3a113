package dev.witnessmark.causal.diff;

import java.util.OptionalDouble;

/**
 * Shares of shifted rows of one block's projections; empty where the block has none of them, which
 * is another thing than a share of 0.
 *
 * @param block the block
 * @param q share of Q
 * @param k share of K
 * @param o share of O
 * @param scaffold whether Q and O shifted while K did not
 */
public record ScaffoldBlock(
    long block, OptionalDouble q, OptionalDouble k, OptionalDouble o, boolean scaffold) {}
