package dev.witnessmark.compare.stream;

import dev.witnessmark.compare.matrix.Matrix;
import dev.witnessmark.compare.matrix.Staging;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.operation.RowSegments;
import java.lang.foreign.MemorySegment;

/** Decodes segments of one side of what was sent to a device, on the host. Not thread-safe. */
final class SentSegments {

  private final Staging staging;
  private final MemorySegment values;
  private final MemorySegment bounds;

  SentSegments(Staging staging) {
    this.staging = staging;
    this.values = staging.take(RowSegments.LENGTH * (long) Float.BYTES);
    this.bounds = staging.take(RowSegments.LENGTH * (long) Float.BYTES);
  }

  /**
   * Elements {@code [from, from + count)} of the group that begins at byte {@code at}; valid until
   * the next call.
   */
  MemorySegment values(SlotSide<?> side, Matrix matrix, long at, long from, int count) {
    TensorType type = SlotSide.type(matrix);
    MemorySegment sent = side.host(at);
    if (type == TensorType.F32) {
      return sent.asSlice(from * Float.BYTES, count * (long) Float.BYTES);
    }
    staging.decoder(type).decode(sent, type.bytes(from), values, 0, count);
    return values;
  }

  /**
   * Their bounds; valid until the next call.
   *
   * @param decoded the values
   * @param elements of the group
   */
  MemorySegment bounds(
      SlotSide<?> side,
      Matrix matrix,
      long at,
      long from,
      int count,
      MemorySegment decoded,
      long elements) {
    if (!matrix.isStored()) {
      return side.hostBounds(at, elements).asSlice(from * Float.BYTES);
    }
    TensorType type = matrix.type();
    staging.decoder(type).bounds(side.host(at), type.bytes(from), decoded, 0, bounds, 0, count);
    return bounds;
  }
}
