package dev.witnessmark.parity.check;

import dev.witnessmark.inference.Call;
import dev.witnessmark.inference.StageSink;
import dev.witnessmark.inference.StageTensor;
import dev.witnessmark.model.transformer.Hyperparameters;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Keeps stages of all positions in memory, float32, the calls put together as one.
 *
 * @param <M> memory of the device that they come from
 */
final class StageStore<M> implements StageSink<M> {

  private final Hyperparameters sizes;
  private final int positions;
  private final Set<StageKey> wanted;
  private final Map<StageKey, float[]> stages = new HashMap<>();

  /** For {@code positions} positions in all; the logits are those of the last call. */
  StageStore(Hyperparameters sizes, int positions, Set<StageKey> wanted) {
    this.sizes = sizes;
    this.positions = positions;
    this.wanted = Set.copyOf(wanted);
  }

  @Override
  public boolean wants(StageKey key) {
    return wanted.contains(key);
  }

  @Override
  public void take(StageTensor<M> tensor) {
    StageKey key = tensor.key();
    Call call = tensor.call();
    float[] values = tensor.floats();
    float[] all = stages.computeIfAbsent(key, k -> new float[elements(k)]);
    if (key.stage().isPerPosition()) {
      int row = key.stage().rowElements(sizes);
      System.arraycopy(values, 0, all, call.cached() * row, values.length);
    } else if (key.stage() == Stage.LM_HEAD) {
      System.arraycopy(values, 0, all, 0, values.length);
    } else {
      square(values, call, all);
    }
  }

  private int elements(StageKey key) {
    return key.stage().shape(sizes, positions).stream().reduce(1, Math::multiplyExact);
  }

  /** Puts {@code [heads, positions, visible]} into {@code [heads, all, all]}. */
  private void square(float[] values, Call call, float[] all) {
    for (int head = 0; head < sizes.heads(); head++) {
      for (int query = 0; query < call.positions(); query++) {
        int from = (head * call.positions() + query) * call.visible();
        int to = (head * positions + call.cached() + query) * positions;
        System.arraycopy(values, from, all, to, call.visible());
      }
    }
  }

  /** All values of a stage that was wanted. */
  float[] get(StageKey key) {
    return Objects.requireNonNull(stages.get(key), () -> key + " was not seen");
  }
}
