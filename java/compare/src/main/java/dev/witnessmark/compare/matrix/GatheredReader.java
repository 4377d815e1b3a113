package dev.witnessmark.compare.matrix;

import dev.witnessmark.kernels.decode.WideDecoder;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * A reader whose chunk is put together from ranges of another reader: values and bounds of the
 * whole chunk are gathered on loading.
 */
abstract class GatheredReader implements MatrixReader {

  private final Staging staging;
  private final MatrixReader inner;
  private final boolean bounded;
  private final MemorySegment values;
  private final MemorySegment bounds;
  private final MemorySegment wide;
  private final MemorySegment wideBounds;

  /** Float64 values of the chunk, kept only where float32 does not hold them; else null. */
  private final @Nullable MemorySegment wideChunk;

  /** Float64 bounds of the chunk; null if there are no float64 values or no bounds. */
  private final @Nullable MemorySegment wideBoundsChunk;

  GatheredReader(Matrix matrix, Staging staging) {
    this.staging = staging;
    this.inner = matrix.reader(staging);
    this.bounded = matrix.bounded();
    this.values = staging.take(CHUNK * (long) Float.BYTES);
    this.bounds = staging.take(CHUNK * (long) Float.BYTES);
    this.wide = staging.take(PIECE * (long) Double.BYTES);
    this.wideBounds = staging.take(PIECE * (long) Double.BYTES);
    boolean decodesWide = WideDecoder.reads(matrix.type());
    this.wideChunk = decodesWide ? staging.take(CHUNK * (long) Double.BYTES) : null;
    this.wideBoundsChunk =
        decodesWide && bounded ? staging.take(CHUNK * (long) Double.BYTES) : null;
  }

  /**
   * Loads {@code span} elements of the inner matrix from {@code first} and copies {@code count} of
   * them, after the first {@code skip}, to places {@code to}, {@code to + stride}, … of the chunk.
   */
  final void gather(long first, int span, int skip, int count, int to, int stride)
      throws IOException {
    inner.load(first, span);
    for (int done = 0; done < skip + count; done += PIECE) {
      int piece = Math.min(PIECE, span - done);
      MemorySegment pieceValues = inner.values(done, piece);
      MemorySegment pieceBounds = bounded ? inner.bounds(done, piece) : pieceValues;
      MemorySegment pieceWide = wideChunk == null ? pieceValues : inner.wideValues(done, piece);
      MemorySegment pieceWideBounds =
          wideBoundsChunk == null ? pieceBounds : inner.wideBounds(done, piece);
      int end = Math.min(piece, skip + count - done);
      for (int i = Math.max(0, skip - done); i < end; i++) {
        int place = to + (done + i - skip) * stride;
        copyFloat(pieceValues, i, values, place);
        copyFloat(pieceBounds, i, bounds, place);
        if (wideChunk != null) {
          copyDouble(pieceWide, i, wideChunk, place);
        }
        if (wideBoundsChunk != null) {
          copyDouble(pieceWideBounds, i, wideBoundsChunk, place);
        }
      }
    }
  }

  private static void copyFloat(MemorySegment from, int i, MemorySegment to, int place) {
    // Integers, so that the bits of a NaN survive.
    to.setAtIndex(ValueLayout.JAVA_INT, place, from.getAtIndex(ValueLayout.JAVA_INT, i));
  }

  private static void copyDouble(MemorySegment from, int i, MemorySegment to, int place) {
    to.setAtIndex(ValueLayout.JAVA_LONG, place, from.getAtIndex(ValueLayout.JAVA_LONG, i));
  }

  @Override
  public final @Nullable MemorySegment storedBytes() {
    return null;
  }

  @Override
  public final MemorySegment values(int from, int count) {
    return values.asSlice(from * (long) Float.BYTES, count * (long) Float.BYTES);
  }

  @Override
  public final MemorySegment wideValues(int from, int count) {
    if (wideChunk != null) {
      return wideChunk.asSlice(from * (long) Double.BYTES, count * (long) Double.BYTES);
    }
    return Widened.of(values(from, count), count, wide);
  }

  @Override
  public final MemorySegment bounds(int from, int count) {
    return bounds.asSlice(from * (long) Float.BYTES, count * (long) Float.BYTES);
  }

  @Override
  public final MemorySegment wideBounds(int from, int count) {
    if (wideBoundsChunk != null) {
      return wideBoundsChunk.asSlice(from * (long) Double.BYTES, count * (long) Double.BYTES);
    }
    return Widened.of(bounds(from, count), count, wideBounds);
  }

  @Override
  public final void close() {
    inner.close();
    staging.give(values);
    staging.give(bounds);
    staging.give(wide);
    staging.give(wideBounds);
    if (wideChunk != null) {
      staging.give(wideChunk);
    }
    if (wideBoundsChunk != null) {
      staging.give(wideBoundsChunk);
    }
  }
}
