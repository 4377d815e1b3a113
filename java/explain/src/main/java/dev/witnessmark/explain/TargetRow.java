package dev.witnessmark.explain;

/**
 * What the deltas of one layer offer to be explained.
 *
 * @param layer number of the layer
 * @param target {@code oproj}, {@code downproj} or {@code combined}
 * @param participationRank over how many directions its energy is spread as if evenly
 * @param stableRank energy over that of the largest direction
 * @param oracleShare share of the best subspace of the candidates' width
 */
public record TargetRow(
    int layer, String target, double participationRank, double stableRank, double oracleShare) {}
