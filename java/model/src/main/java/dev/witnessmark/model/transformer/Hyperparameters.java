package dev.witnessmark.model.transformer;

import java.util.Optional;

/**
 * The sizes of a decoder-only transformer, checked against each other and against its tensors.
 *
 * @param architecture its name as the file has it: {@code llama}, {@code qwen2} …
 * @param layers number of transformer blocks
 * @param hidden width of the hidden state
 * @param heads query heads
 * @param keyValueHeads key/value heads, a divisor of {@code heads}
 * @param headSize elements of a head
 * @param intermediate width of the MLP; of one expert where all layers are sparse
 * @param vocabulary rows of the token embedding
 * @param context positions of training, 0 where the file does not say
 * @param epsilon of the norms
 * @param rotary how positions turn queries and keys
 * @param qkvBias whether the projections of attention have a bias
 * @param headNorms whether each head of queries and keys is normalised before it is turned
 * @param tiedHead whether the head is the token embedding
 * @param sparse the layers that are mixtures of experts, if there are any
 */
public record Hyperparameters(
    String architecture,
    int layers,
    int hidden,
    int heads,
    int keyValueHeads,
    int headSize,
    int intermediate,
    int vocabulary,
    int context,
    double epsilon,
    RotaryPlan rotary,
    boolean qkvBias,
    boolean headNorms,
    boolean tiedHead,
    Optional<SparseLayers> sparse) {

  /** Elements of all query heads of a position. */
  public int queryElements() {
    return heads * headSize;
  }

  /** Elements of all key heads of a position; as many as of the values. */
  public int keyElements() {
    return keyValueHeads * headSize;
  }

  /** Whether layer {@code layer} is a mixture of experts. */
  public boolean isSparse(int layer) {
    return sparse.map(s -> s.layers().get(layer)).orElse(false);
  }
}
