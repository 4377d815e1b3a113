package dev.witnessmark.inference;

import dev.witnessmark.inference.Value.Cached;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.Element;
import dev.witnessmark.kernels.operation.Pool;
import dev.witnessmark.model.transformer.Hyperparameters;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys and values of all positions so far: for each layer two matrices {@code [positions,
 * keyValueHeads · headSize]}. Made for fewer layers than the model has, layers take turns, and what
 * one left is overwritten by the next.
 *
 * @param <M> memory of the device
 */
final class KvCache<M> implements AutoCloseable {

  private final Device<M> device;
  private final Pool<M> pool;
  private final long rowBytes;
  private final List<M> keys = new ArrayList<>();
  private final List<M> values = new ArrayList<>();

  KvCache(Hyperparameters model, int layers, int positions, Element element, Device<M> device) {
    this.device = device;
    this.pool = device.pool();
    this.rowBytes = (long) model.keyElements() * element.bytes();
    boolean usable = false;
    try {
      for (int layer = 0; layer < layers; layer++) {
        keys.add(pool.allocate(positions * rowBytes));
        values.add(pool.allocate(positions * rowBytes));
      }
      usable = true;
    } finally {
      if (!usable) {
        pool.close();
      }
    }
  }

  M rows(int layer, Cached rows) {
    M all = (rows.kind() == Cached.Kind.KEYS ? keys : values).get(layer % keys.size());
    return device.slice(all, rows.from() * rowBytes, rows.positions() * rowBytes);
  }

  @Override
  public void close() {
    pool.close();
  }
}
