package dev.witnessmark.inference;

import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.Pool;
import dev.witnessmark.model.transformer.StageKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Copies stages on the device, to be looked at later.
 *
 * @param <M> memory of the device
 */
final class KeptStages<M> implements StageSink<M>, AutoCloseable {

  private final Device<M> device;
  private final StageMaker<M> maker;
  private final Pool<M> pool;
  private final SortedMap<StageKey, StageTensor<M>> kept = new TreeMap<>();

  KeptStages(Device<M> device, StageMaker<M> maker) {
    this.device = device;
    this.maker = maker;
    this.pool = device.pool();
  }

  /** Allocates the memory for a stage. */
  void reserve(StageKey key, Call call) {
    List<StageTensor.Part<M>> parts = new ArrayList<>();
    for (StageTensor.Part<M> part : maker.tensor(key, call).parts()) {
      M memory = pool.allocate(device.bytes(part.memory()));
      parts.add(new StageTensor.Part<>(memory, part.rows(), part.columns(), part.element()));
    }
    kept.put(key, new StageTensor<>(key, call, parts, device));
  }

  @Override
  public boolean wants(StageKey key) {
    return kept.containsKey(key);
  }

  @Override
  public void take(StageTensor<M> tensor) {
    StageTensor<M> copy = Objects.requireNonNull(kept.get(tensor.key()));
    for (int i = 0; i < copy.parts().size(); i++) {
      device.copy(tensor.parts().get(i).memory(), copy.parts().get(i).memory());
    }
  }

  /** Shows all that were kept, in forward order. */
  void show(StageSink<M> sink) throws IOException {
    for (StageTensor<M> tensor : kept.values()) {
      sink.take(tensor);
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
