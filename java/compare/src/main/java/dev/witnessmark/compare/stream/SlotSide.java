package dev.witnessmark.compare.stream;

import dev.witnessmark.compare.matrix.Matrix;
import dev.witnessmark.compare.matrix.MatrixReader;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.operation.Dequantise;
import dev.witnessmark.kernels.operation.RoundingBounds;
import dev.witnessmark.kernels.operation.WorkQueue;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Memory for one side of a slot's chunks, on the host and on the device: what is stored; or
 * float32, followed by bounds where there is a floor, where these are computed on the host. Not
 * thread-safe.
 *
 * @param <M> a piece of the device's memory
 */
final class SlotSide<M> {

  private final WorkQueue<M> queue;
  private final MemorySegment host;
  private final M device;
  private final M values;
  private final M bounds;
  private long used;

  /**
   * @param host of {@link SlotSize#sideBytes}
   * @param device of {@link SlotSize#deviceSideBytes}
   */
  SlotSide(WorkQueue<M> queue, SlotSize size, MemorySegment host, M device) {
    this.queue = queue;
    this.host = host;
    this.device = queue.slice(device, 0, size.sideBytes());
    this.values = queue.slice(device, size.sideBytes(), size.floatBytes());
    this.bounds = queue.slice(device, size.sideBytes() + size.floatBytes(), size.floatBytes());
  }

  /** The type that chunks of {@code matrix} have here. */
  static TensorType type(Matrix matrix) {
    return matrix.isStored() ? matrix.type() : TensorType.F32;
  }

  /** Whether there is room for {@code count} elements of {@code matrix}. */
  boolean fits(Matrix matrix, boolean floored, int count) {
    return Slot.aligned(used) + bytes(matrix, floored, count) <= host.byteSize();
  }

  private static long bytes(Matrix matrix, boolean floored, int count) {
    long bytes = type(matrix).bytes(count);
    return floored && !matrix.isStored() ? boundsAt(count) + bytes : bytes;
  }

  /** Where bounds that are computed on the host begin, behind the values. */
  private static long boundsAt(long elements) {
    return Slot.aligned(elements * Float.BYTES);
  }

  /** Where the next chunk goes: right behind the last one, or where a group may begin. */
  long next(boolean continued) {
    return continued ? used : Slot.aligned(used);
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
  void keep(Matrix matrix, MatrixReader reader, boolean floored, int count, long at) {
    if (!matrix.isStored()) {
      for (int from = 0; from < count; from += MatrixReader.PIECE) {
        int piece = Math.min(MatrixReader.PIECE, count - from);
        long pieceAt = at + from * (long) Float.BYTES;
        long bytes = piece * (long) Float.BYTES;
        host.asSlice(pieceAt, bytes)
            .copyFrom(floored ? reader.boundedValues(from, piece) : reader.values(from, piece));
        if (floored) {
          host.asSlice(pieceAt + boundsAt(count), bytes).copyFrom(reader.bounds(from, piece));
        }
      }
    }
    used = at + bytes(matrix, floored, count);
  }

  /** The memory of the host from byte {@code at} on. */
  MemorySegment host(long at) {
    return host.asSlice(at);
  }

  /** The bounds, on the host, of a group that was computed there. */
  MemorySegment hostBounds(long at, long elements) {
    return host.asSlice(at + boundsAt(elements), elements * Float.BYTES);
  }

  /** Asks for the copy of all chunks. */
  void upload() {
    queue.upload(host.asSlice(0, used), queue.slice(device, 0, used));
  }

  /**
   * Asks for the values of a group.
   *
   * @param at byte at which the group begins
   * @param valuesAt element at which its values go
   */
  M values(Matrix matrix, long at, long elements, long valuesAt) {
    TensorType type = type(matrix);
    M stored = queue.slice(device, at, type.bytes(elements));
    if (type == TensorType.F32) {
      return stored;
    }
    M decoded = queue.slice(values, valuesAt * Float.BYTES, elements * Float.BYTES);
    queue.run(new Dequantise(type, elements), List.of(stored, decoded));
    return decoded;
  }

  /** Asks for the bounds of a group, as {@link #values}. */
  M bounds(Matrix matrix, long at, long elements, long valuesAt) {
    if (!matrix.isStored()) {
      return queue.slice(device, at + boundsAt(elements), elements * Float.BYTES);
    }
    TensorType type = matrix.type();
    M found = queue.slice(bounds, valuesAt * Float.BYTES, elements * Float.BYTES);
    queue.run(
        new RoundingBounds(type, elements),
        List.of(queue.slice(device, at, type.bytes(elements)), found));
    return found;
  }

  void clear() {
    used = 0;
  }
}
