package dev.witnessmark.explain;

/**
 * Whether what a block itself adds lies closer to its weight delta than all that has been added up
 * to it.
 *
 * @param layer number of the layer
 * @param weightsWithCumulative overlap of the leading directions of the deltas with those of the
 *     label
 * @param weightsWithBlock the same with those of the block's own part
 * @param cumulativeWithBlock overlap of the two latter
 * @param blockNorm Frobenius norm of the block's own part
 * @param cumulativeNorm of the label
 */
public record ScopeRow(
    int layer,
    double weightsWithCumulative,
    double weightsWithBlock,
    double cumulativeWithBlock,
    double blockNorm,
    double cumulativeNorm) {}
