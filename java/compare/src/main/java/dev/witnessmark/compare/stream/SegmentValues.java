package dev.witnessmark.compare.stream;

import dev.witnessmark.compare.matrix.Matrix;
import dev.witnessmark.compare.matrix.Staging;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.operation.RowSegments;
import java.lang.foreign.MemorySegment;

/** Decodes segments of what a slot holds, one at a time. Belongs to one thread. */
final class SegmentValues {

  private final Staging staging;
  private final MemorySegment values;

  SegmentValues(Staging staging) {
    this.staging = staging;
    this.values = staging.take(RowSegments.LENGTH * (long) Float.BYTES);
  }

  /**
   * Elements {@code [from, from + count)} of {@code chunks}, which {@code matrix} was read into;
   * valid until the next call.
   */
  MemorySegment of(Matrix matrix, MemorySegment chunks, long from, int count) {
    TensorType type = SlotSide.type(matrix);
    if (type == TensorType.F32) {
      return chunks.asSlice(from * Float.BYTES, count * (long) Float.BYTES);
    }
    staging.decoder(type).decode(chunks, type.bytes(from), values, 0, count);
    return values;
  }
}
