package dev.witnessmark.parity.check;

import dev.witnessmark.model.transformer.Hyperparameters;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.verdict.CouldNotCompare;
import java.util.List;

/**
 * How large the stages of a sequence are, all of its calls put together.
 *
 * @param model sizes of the model
 * @param positions positions of all calls
 * @param calls how many calls there are, and so rows of logits
 */
record StageSizes(Hyperparameters model, int positions, int calls) {

  private static final int LONGEST_ARRAY = Integer.MAX_VALUE - 8;

  /** Values of a stage: {@code [calls, vocabulary]} of logits, else {@link Stage#shape}. */
  long elements(StageKey key) {
    long elements = key.stage() == Stage.LM_HEAD ? calls : 1;
    for (int dimension : shape(key)) {
      elements = Math.multiplyExact(elements, dimension);
    }
    return elements;
  }

  /** Values of a row. */
  int columns(StageKey key) {
    return shape(key).getLast();
  }

  private List<Integer> shape(StageKey key) {
    return key.stage().shape(model, positions);
  }

  /**
   * Room for all values of a stage.
   *
   * @throws CouldNotCompare if there are more than an array holds
   */
  float[] array(StageKey key) throws CouldNotCompare {
    long elements = elements(key);
    if (elements > LONGEST_ARRAY) {
      throw new CouldNotCompare(
          "%s of %d positions has %d values, and at most %d can be looked at: give a shorter prompt"
              .formatted(key, positions, elements, LONGEST_ARRAY));
    }
    return new float[(int) elements];
  }
}
