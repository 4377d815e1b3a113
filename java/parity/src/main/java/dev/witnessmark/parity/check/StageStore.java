package dev.witnessmark.parity.check;

import dev.witnessmark.inference.Call;
import dev.witnessmark.inference.StageSink;
import dev.witnessmark.inference.StageTensor;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.verdict.CouldNotCompare;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Keeps stages of a sequence in memory, float32, the rows of all calls put together.
 *
 * @param <M> memory of the device that they come from
 */
final class StageStore<M> implements StageSink<M> {

  private final StageSizes sizes;
  private final Set<StageKey> wanted;
  private final Map<StageKey, float[]> stages = new HashMap<>();
  private int calls;

  StageStore(StageSizes sizes, Set<StageKey> wanted) {
    this.sizes = sizes;
    this.wanted = Set.copyOf(wanted);
  }

  @Override
  public boolean wants(StageKey key) {
    return wanted.contains(key);
  }

  @Override
  public void take(StageTensor<M> tensor) throws CouldNotCompare {
    StageKey key = tensor.key();
    Call call = tensor.call();
    float[] values = tensor.floats();
    float[] all = stages.get(key);
    if (all == null) {
      all = sizes.array(key);
      stages.put(key, all);
    }
    if (key.stage() == Stage.LM_HEAD) {
      System.arraycopy(values, 0, all, calls++ * values.length, values.length);
    } else if (key.stage().isPerPosition()) {
      System.arraycopy(values, 0, all, call.cached() * sizes.columns(key), values.length);
    } else {
      square(values, call, all);
    }
  }

  /** Puts {@code [heads, positions, visible]} into {@code [heads, all, all]}. */
  private void square(float[] values, Call call, float[] all) {
    for (int head = 0; head < sizes.model().heads(); head++) {
      for (int query = 0; query < call.positions(); query++) {
        int from = (head * call.positions() + query) * call.visible();
        int to = (head * sizes.positions() + call.cached() + query) * sizes.positions();
        System.arraycopy(values, from, all, to, call.visible());
      }
    }
  }

  /** All values of a stage that was wanted. */
  float[] get(StageKey key) {
    return Objects.requireNonNull(stages.get(key), () -> key + " was not seen");
  }

  /** The values of one position, of a stage that has rows of positions. */
  MemorySegment row(StageKey key, int position) {
    long bytes = (long) sizes.columns(key) * Float.BYTES;
    return MemorySegment.ofArray(get(key)).asSlice(position * bytes, bytes);
  }
}
