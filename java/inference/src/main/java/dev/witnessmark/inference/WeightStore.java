package dev.witnessmark.inference;

import dev.witnessmark.kernels.decode.Decoder;
import dev.witnessmark.kernels.decode.Decoders;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.Pool;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The weights of a model on a device. Layers that fit in the memory allowed are uploaded once, in
 * their order; the others take turns in the memory of one, read from the file whenever they are
 * asked for.
 *
 * <p>Files are read by position into staging memory, never mapped: a file that shrinks is an error.
 *
 * @param <M> memory of the device
 */
final class WeightStore<M> implements AutoCloseable {

  private static final int STAGING_BYTES = 8 << 20;
  private static final long ALIGNMENT = 256;
  private static final int NO_LAYER = -1;

  private final Weights weights;
  private final Device<M> device;
  private final Set<Matrix> vectors;
  private final Pool<M> pool;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment staging;
  private final Map<Matrix, M> places = new HashMap<>();
  private final int residentLayers;
  private final M turns;
  private int streamed = NO_LAYER;
  private boolean loaded;

  /**
   * Reserves the memory.
   *
   * @param allowed bytes of weights that may stay on the device; what belongs to no layer stays in
   *     any case, and one layer besides
   */
  WeightStore(Weights weights, Device<M> device, long allowed) {
    this.weights = weights;
    this.device = device;
    this.vectors = vectors(weights);
    this.pool = device.pool();
    this.staging = arena.allocate(STAGING_BYTES, ALIGNMENT);
    boolean usable = false;
    try {
      long left = allowed - layout(weights.ofModel(), pool.allocate(bytes(weights.ofModel())));
      int resident = 0;
      while (resident < weights.layers().size() && bytes(weights.ofLayer(resident)) <= left) {
        List<Matrix> layer = weights.ofLayer(resident);
        left -= layout(layer, pool.allocate(bytes(layer)));
        resident++;
      }
      this.residentLayers = resident;
      long largest = 0;
      for (int layer = resident; layer < weights.layers().size(); layer++) {
        largest = Math.max(largest, bytes(weights.ofLayer(layer)));
      }
      this.turns = pool.allocate(largest);
      usable = true;
    } finally {
      if (!usable) {
        close();
      }
    }
  }

  /** Everything that is read as float32 whatever its type: norms and biases. */
  private static Set<Matrix> vectors(Weights weights) {
    Set<Matrix> vectors = new HashSet<>();
    weights.all().filter(matrix -> matrix.rows() == 1).forEach(vectors::add);
    return vectors;
  }

  /** How many layers stay on the device. */
  int residentLayers() {
    return residentLayers;
  }

  /** Bytes that the weights take on the device, all layers together. */
  static long bytes(Weights weights) {
    long sum = bytesOf(weights.ofModel(), vectors(weights));
    for (int layer = 0; layer < weights.layers().size(); layer++) {
      sum += bytesOf(weights.ofLayer(layer), vectors(weights));
    }
    return sum;
  }

  private long bytes(List<Matrix> matrices) {
    return bytesOf(matrices, vectors);
  }

  private static long bytesOf(List<Matrix> matrices, Set<Matrix> vectors) {
    return matrices.stream().mapToLong(m -> aligned(deviceBytes(m, vectors))).sum();
  }

  private static long deviceBytes(Matrix matrix, Set<Matrix> vectors) {
    return vectors.contains(matrix) ? (long) matrix.columns() * Float.BYTES : matrix.bytes();
  }

  private static long aligned(long bytes) {
    return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
  }

  /** Gives each matrix its part of {@code memory}; the bytes of all. */
  private long layout(List<Matrix> matrices, M memory) {
    long at = 0;
    for (Matrix matrix : matrices) {
      long bytes = deviceBytes(matrix, vectors);
      places.put(matrix, device.slice(memory, at, bytes));
      at += aligned(bytes);
    }
    return at;
  }

  /** Uploads what stays. */
  void load() throws IOException {
    if (!loaded) {
      loadAll(weights.ofModel());
      for (int layer = 0; layer < residentLayers; layer++) {
        loadAll(weights.ofLayer(layer));
      }
      loaded = true;
    }
  }

  /** Makes sure that the weights of {@code layer} are on the device. */
  void require(int layer) throws IOException {
    if (layer < residentLayers || layer == streamed) {
      return;
    }
    if (streamed != NO_LAYER) {
      weights.ofLayer(streamed).forEach(places::remove);
    }
    streamed = NO_LAYER;
    layout(weights.ofLayer(layer), turns);
    loadAll(weights.ofLayer(layer));
    streamed = layer;
  }

  private void loadAll(List<Matrix> matrices) throws IOException {
    for (Matrix matrix : matrices) {
      M place = memory(matrix);
      if (vectors.contains(matrix)) {
        loadDecoded(matrix, place);
      } else {
        loadStored(matrix, place);
      }
    }
  }

  private void loadStored(Matrix matrix, M place) throws IOException {
    long rowBytes = matrix.type().blockBytes();
    long chunk = STAGING_BYTES / rowBytes * rowBytes;
    for (long at = 0; at < matrix.bytes(); at += chunk) {
      MemorySegment piece = staging.asSlice(0, Math.min(chunk, matrix.bytes() - at));
      matrix.read(at, piece);
      device.upload(piece, device.slice(place, at, piece.byteSize()));
    }
  }

  private void loadDecoded(Matrix vector, M place) throws IOException {
    Decoder decoder = Decoders.scalar(vector.type());
    int most = STAGING_BYTES / 4 / Float.BYTES / 256 * 256;
    MemorySegment stored = staging.asSlice(0, STAGING_BYTES / 2);
    MemorySegment values = staging.asSlice(STAGING_BYTES / 2);
    for (int at = 0; at < vector.columns(); at += most) {
      int elements = Math.min(most, vector.columns() - at);
      MemorySegment piece = stored.asSlice(0, vector.type().bytes(elements));
      vector.read(vector.type().bytes(at), piece);
      decoder.decode(piece, 0, values, 0, elements);
      long bytes = (long) elements * Float.BYTES;
      device.upload(values.asSlice(0, bytes), device.slice(place, (long) at * Float.BYTES, bytes));
    }
  }

  /** Where a matrix is: as stored, or as float32 if it is a norm or a bias. */
  M memory(Matrix matrix) {
    return Objects.requireNonNull(places.get(matrix), () -> matrix.name() + " is not loaded");
  }

  @Override
  public void close() {
    pool.close();
    arena.close();
  }
}
