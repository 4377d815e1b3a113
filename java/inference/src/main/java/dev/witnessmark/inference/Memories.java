package dev.witnessmark.inference;

import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.Pool;
import java.util.HashMap;
import java.util.Map;

/**
 * Memory of a device by what it holds. It is allocated when it is first asked for, and again where
 * more is asked for; what it held is then lost.
 *
 * @param <K> what it holds
 * @param <M> memory of the device
 */
final class Memories<K, M> implements AutoCloseable {

  private record Piece<M>(Pool<M> pool, M memory) {}

  private final Device<M> device;
  private final Map<K, Piece<M>> pieces = new HashMap<>();

  Memories(Device<M> device) {
    this.device = device;
  }

  /** The first {@code bytes} of what holds {@code key}. */
  M of(K key, long bytes) {
    Piece<M> piece = pieces.get(key);
    if (piece == null || device.bytes(piece.memory) < bytes) {
      if (piece != null) {
        piece.pool.close();
      }
      Pool<M> pool = device.pool();
      piece = new Piece<>(pool, pool.allocate(bytes));
      pieces.put(key, piece);
    }
    return device.slice(piece.memory, 0, bytes);
  }

  @Override
  public void close() {
    pieces.values().forEach(piece -> piece.pool.close());
    pieces.clear();
  }
}
