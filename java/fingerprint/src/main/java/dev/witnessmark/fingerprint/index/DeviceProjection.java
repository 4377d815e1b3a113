package dev.witnessmark.fingerprint.index;

import dev.witnessmark.compare.matrix.KernelChoice;
import dev.witnessmark.compare.matrix.MatrixReader;
import dev.witnessmark.compare.matrix.Staging;
import dev.witnessmark.fingerprint.Fingerprint;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.decode.WideDecoder;
import dev.witnessmark.kernels.operation.Base17;
import dev.witnessmark.kernels.operation.Dequantise;
import dev.witnessmark.kernels.operation.WorkQueue;
import dev.witnessmark.kernels.operation.WorkQueues;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/**
 * {@link RowProjection} on a device: stored bytes are read into memory that the device copies from
 * by itself, decoded and projected there. Every worker waits for its own rows, while the device has
 * those of others. Rows that are longer than a worker's memory, float64, and values that are
 * computed (a view, an adapter's sum) are projected on the host.
 *
 * @param <M> a piece of the device's memory
 */
final class DeviceProjection<M> extends RowProjection {

  /** Stored bytes that a worker sends at once. */
  static final long STORED_BYTES = 4L << 20;

  /** Rows that a worker sends at once. */
  private static final int MOST_ROWS = 1 << 13;

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final WorkQueues<M> device;
  private final long storedBytes;

  DeviceProjection(WorkQueues<M> device, KernelChoice kernels, long storedBytes) {
    super(kernels);
    this.device = device;
    this.storedBytes = storedBytes;
  }

  @Override
  String implementation() {
    return device.name();
  }

  @Override
  String reason(List<CheckpointTensor> tensors) {
    long onHost = tensors.stream().filter(tensor -> !fits(tensor.stored())).count();
    return onHost == 0
        ? "asked for"
        : "asked for; on the host (%s): %d tensors whose rows are too long, float64 or computed"
            .formatted(kernels().projection().implementation(), onHost);
  }

  @Override
  RowProjector projector() {
    return new Projector();
  }

  /** The most values that are decoded at once: as many as bytes. */
  private long mostValues() {
    return storedBytes;
  }

  private boolean fits(StoredRows rows) {
    return rows.matrix().isStored()
        && !WideDecoder.reads(rows.type())
        && rows.columns() <= mostValues()
        && rows.columns() % rows.type().blockElements() == 0
        && rows.type().bytes(rows.columns()) <= storedBytes;
  }

  private final class Projector implements RowProjector {

    private final WorkQueue<M> queue = device.queue();
    private final HostProjector host = HostProjector.ofThisThread(kernels());
    private final Staging staging = new Staging(kernels());
    private final MemorySegment stored;
    private final MemorySegment results;
    private final M deviceStored;
    private final M deviceValues;
    private final M deviceResults;

    Projector() {
      long resultBytes = (long) MOST_ROWS * Fingerprint.BYTES;
      stored = queue.hostMemory(storedBytes);
      results = queue.hostMemory(resultBytes);
      deviceStored = queue.deviceMemory(storedBytes);
      deviceValues = queue.deviceMemory(mostValues() * Float.BYTES);
      deviceResults = queue.deviceMemory(resultBytes);
    }

    @Override
    public void project(StoredRows rows, long first, int count, short[] target) throws IOException {
      if (!fits(rows)) {
        host.project(rows, first, count, target);
        return;
      }
      long byValues = mostValues() / rows.columns();
      long byBytes = storedBytes / rows.type().bytes(rows.columns());
      int atOnce = (int) Math.min(MOST_ROWS, Math.min(byValues, byBytes));
      try (MatrixReader reader = rows.matrix().reader(staging)) {
        for (int done = 0; done < count; done += atOnce) {
          int now = Math.min(atOnce, count - done);
          load(reader, rows, (first + done) * rows.columns(), now * rows.columns());
          submit(rows, now);
          queue.await();
          MemorySegment.copy(
              results,
              SHORT,
              0,
              target,
              done * Fingerprint.DIMENSIONS,
              now * Fingerprint.DIMENSIONS);
        }
      }
    }

    private void load(MatrixReader reader, StoredRows rows, long first, long values)
        throws IOException {
      for (long from = 0; from < values; from += MatrixReader.CHUNK) {
        int chunk = (int) Math.min(MatrixReader.CHUNK, values - from);
        reader.load(first + from, chunk, stored.asSlice(rows.type().bytes(from)));
      }
    }

    private void submit(StoredRows rows, int count) {
      TensorType type = rows.type();
      long values = count * rows.columns();
      long bytes = type.bytes(values);
      M from = queue.slice(deviceStored, 0, bytes);
      queue.upload(stored.asSlice(0, bytes), from);
      if (type != TensorType.F32 && type != TensorType.F16 && type != TensorType.BF16) {
        M decoded = queue.slice(deviceValues, 0, values * Float.BYTES);
        queue.run(new Dequantise(type, values), List.of(from, decoded));
        from = decoded;
        type = TensorType.F32;
      }
      long resultBytes = (long) count * Fingerprint.BYTES;
      M found = queue.slice(deviceResults, 0, resultBytes);
      queue.run(new Base17(type, count, (int) rows.columns(), rows.stride()), List.of(from, found));
      queue.download(found, results.asSlice(0, resultBytes));
    }

    @Override
    public void close() {
      queue.close();
      host.close();
      staging.close();
    }
  }
}
