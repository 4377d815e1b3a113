package dev.witnessmark.inference;

import dev.witnessmark.model.transformer.Stage;
import java.util.HashMap;
import java.util.Map;

/** Keeps every stage that it is shown. */
final class Captured<M> implements StageSink<M> {

  private final Map<Golden.Key, double[]> stages = new HashMap<>();

  @Override
  public boolean wants(Stage stage, int layer) {
    return true;
  }

  @Override
  public void take(StageTensor<M> tensor) {
    stages.put(new Golden.Key(tensor.stage(), tensor.layer()), tensor.reals());
  }

  Map<Golden.Key, double[]> stages() {
    return stages;
  }
}
