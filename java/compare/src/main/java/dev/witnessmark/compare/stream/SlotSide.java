package dev.witnessmark.compare.stream;

import dev.witnessmark.compare.matrix.Matrix;
import dev.witnessmark.compare.matrix.MatrixReader;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.operation.Dequantise;
import dev.witnessmark.kernels.operation.WorkQueue;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Memory for one side of a slot's chunks, on the host and on the device: what is stored, or float32
 * where the values of a view are computed on the host. Not thread-safe.
 *
 * @param <M> a piece of the device's memory
 */
final class SlotSide<M> {

  private final WorkQueue<M> queue;
  private final MemorySegment host;
  private final M device;
  private final M values;
  private long used;

  SlotSide(WorkQueue<M> queue, SlotSize size) {
    this.queue = queue;
    this.host = queue.hostMemory(size.sideBytes());
    this.device = queue.deviceMemory(size.sideBytes());
    this.values = queue.deviceMemory(size.elements() * Float.BYTES);
  }

  /** The type that chunks of {@code matrix} have here. */
  static TensorType type(Matrix matrix) {
    return matrix.isStored() ? matrix.type() : TensorType.F32;
  }

  /** Where the next chunk goes: right behind the last one, or where a group may begin. */
  long next(boolean continued) {
    return continued ? used : Slot.aligned(used);
  }

  /** Whether a chunk may take {@code bytes} more. */
  boolean fits(long bytes) {
    return Slot.aligned(used) + bytes <= host.byteSize();
  }

  /** Loads {@code count} elements of {@code matrix} from {@code first}, to byte {@code at}. */
  void load(Matrix matrix, MatrixReader reader, long first, int count, long at) throws IOException {
    if (matrix.isStored()) {
      reader.load(first, count, host.asSlice(at, matrix.type().bytes(count)));
    } else {
      reader.load(first, count);
    }
  }

  /** Keeps what was loaded. */
  void keep(Matrix matrix, MatrixReader reader, int count, long at) {
    if (!matrix.isStored()) {
      for (int from = 0; from < count; from += MatrixReader.PIECE) {
        int piece = Math.min(MatrixReader.PIECE, count - from);
        host.asSlice(at + from * (long) Float.BYTES, piece * (long) Float.BYTES)
            .copyFrom(reader.values(from, piece));
      }
    }
    used = at + type(matrix).bytes(count);
  }

  /** The memory of the host from byte {@code at} on. */
  MemorySegment host(long at) {
    return host.asSlice(at);
  }

  /** Asks for the copy of all chunks. */
  void upload() {
    queue.upload(host.asSlice(0, used), queue.slice(device, 0, used));
  }

  /**
   * Asks for the values of a group, which is on the device.
   *
   * @param at byte at which the group begins
   * @param valuesAt element at which its values go
   */
  M values(TensorType type, long at, long elements, long valuesAt) {
    M stored = queue.slice(device, at, type.bytes(elements));
    if (type == TensorType.F32) {
      return stored;
    }
    M decoded = queue.slice(values, valuesAt * Float.BYTES, elements * Float.BYTES);
    queue.run(new Dequantise(type, elements), List.of(stored, decoded));
    return decoded;
  }

  void clear() {
    used = 0;
  }
}
