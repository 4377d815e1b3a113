package dev.witnessmark.inference;

import dev.witnessmark.model.transformer.StageKey;
import java.util.HashMap;
import java.util.Map;

/** Keeps every stage that it is shown. */
final class Captured<M> implements StageSink<M> {

  private final Map<StageKey, double[]> stages = new HashMap<>();

  @Override
  public boolean wants(StageKey key) {
    return true;
  }

  @Override
  public void take(StageTensor<M> tensor) {
    stages.put(tensor.key(), tensor.reals());
  }

  Map<StageKey, double[]> stages() {
    return stages;
  }
}
