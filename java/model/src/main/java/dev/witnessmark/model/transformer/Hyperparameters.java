package dev.witnessmark.model.transformer;

import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.model.ModelDescription;
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
 * @param context positions that it was made for, 0 where the file does not say
 * @param longest positions that its attention sees all of, {@code Integer.MAX_VALUE} without a
 *     limit
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
    int longest,
    double epsilon,
    RotaryPlan rotary,
    boolean qkvBias,
    boolean headNorms,
    boolean tiedHead,
    Optional<SparseLayers> sparse) {

  /**
   * Reads them from a checkpoint's metadata. Shapes of tensors are held against them when weights
   * are looked up.
   *
   * @throws Refusal if the architecture or something that it needs is not known, by its name
   */
  public static Hyperparameters of(Checkpoint checkpoint, ModelDescription model) throws Refusal {
    return HyperparameterReader.read(checkpoint, model);
  }

  /** With another plan of rotary embedding. */
  public Hyperparameters with(RotaryPlan other) {
    return new Hyperparameters(
        architecture,
        layers,
        hidden,
        heads,
        keyValueHeads,
        headSize,
        intermediate,
        vocabulary,
        context,
        longest,
        epsilon,
        other,
        qkvBias,
        headNorms,
        tiedHead,
        sparse);
  }

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
    return sparse.map(s -> s.layers().contains(layer)).orElse(false);
  }
}
