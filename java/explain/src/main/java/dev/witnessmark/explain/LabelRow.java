package dev.witnessmark.explain;

/**
 * What tuning does to the states of one layer, all prompts counting the same.
 *
 * @param layer number of the layer
 * @param participationRank {@code 1 / tr S²}: over how many directions it is spread as if evenly
 * @param leadingShare share of the largest direction
 * @param meanShare share that the mean over prompts holds, which centring removes
 * @param oracleShare share of the best subspace of the candidates' width
 */
public record LabelRow(
    int layer,
    double participationRank,
    double leadingShare,
    double meanShare,
    double oracleShare) {}
