package dev.witnessmark.inference;

import java.util.List;
import java.util.Optional;

/**
 * The weights of one transformer block. Vectors are matrices of one row.
 *
 * @param attentionNorm of the hidden state before attention
 * @param query {@code [heads · headSize, hidden]}
 * @param key {@code [keyValueHeads · headSize, hidden]}
 * @param value as {@code key}
 * @param queryNorm of each head of the queries, where there is one
 * @param keyNorm of each head of the keys, where there is one
 * @param output {@code [hidden, heads · headSize]}
 * @param ffnNorm of the hidden state before the MLP
 * @param mlp what follows
 */
public record LayerWeights(
    Matrix attentionNorm,
    Projection query,
    Projection key,
    Projection value,
    Optional<Matrix> queryNorm,
    Optional<Matrix> keyNorm,
    Projection output,
    Matrix ffnNorm,
    Mlp mlp) {

  /** The second half of a block. */
  public sealed interface Mlp {}

  /**
   * down · (silu(gate · x) · (up · x)).
   *
   * @param gate {@code [intermediate, hidden]}
   * @param up as {@code gate}
   * @param down {@code [hidden, intermediate]}
   */
  public record Dense(Projection gate, Projection up, Projection down) implements Mlp {}

  /**
   * A mixture of experts.
   *
   * @param router {@code [experts, hidden]}
   * @param experts in the order of their numbers
   */
  public record Mixture(Projection router, List<Dense> experts) implements Mlp {

    public Mixture {
      experts = List.copyOf(experts);
    }
  }
}
