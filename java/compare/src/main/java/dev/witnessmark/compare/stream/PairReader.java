package dev.witnessmark.compare.stream;

import dev.witnessmark.compare.match.TensorPair;
import dev.witnessmark.compare.matrix.MatrixReader;
import dev.witnessmark.compare.matrix.Staging;
import dev.witnessmark.kernels.decode.WideDecoder;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** Both sides of a pair, chunk by chunk. Not thread-safe. */
final class PairReader implements AutoCloseable {

  private final MatrixReader a;
  private final MatrixReader b;
  private final boolean sameStorage;
  private final boolean wide;
  private final boolean floored;

  PairReader(TensorPair pair, Staging staging) {
    this.a = pair.a().reader(staging);
    this.b = pair.b().reader(staging);
    this.sameStorage =
        pair.a().type() == pair.b().type() && !pair.a().isCoded() && !pair.b().isCoded();
    this.wide = isWide(pair);
    this.floored = pair.hasFloor();
  }

  /** Whether {@code pair} holds numbers that float32 does not, and is compared in float64. */
  static boolean isWide(TensorPair pair) {
    return WideDecoder.reads(pair.a().type()) || WideDecoder.reads(pair.b().type());
  }

  MatrixReader a() {
    return a;
  }

  MatrixReader b() {
    return b;
  }

  boolean wide() {
    return wide;
  }

  boolean floored() {
    return floored;
  }

  /** Loads {@code count} elements of both sides from {@code first}. */
  void load(long first, int count) throws IOException {
    a.load(first, count);
    b.load(first, count);
  }

  /** Whether the loaded ranges are stored in equal bytes. */
  boolean equalBytes() {
    MemorySegment bytesA = a.storedBytes();
    MemorySegment bytesB = b.storedBytes();
    return sameStorage && bytesA != null && bytesB != null && bytesA.mismatch(bytesB) < 0;
  }

  /** Whether one of the first {@code count} loaded values of a is a number other than zero. */
  boolean findNonZero(int count) {
    for (int from = 0; from < count; from += MatrixReader.PIECE) {
      int piece = Math.min(MatrixReader.PIECE, count - from);
      MemorySegment values = wide ? a.wideValues(from, piece) : a.values(from, piece);
      for (int i = 0; i < piece; i++) {
        double value =
            wide
                ? values.getAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, i)
                : values.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i);
        if (value != 0 && Double.isFinite(value)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Decoded values of a piece, with their bounds where a floor exists. */
  record Piece(
      MemorySegment a,
      MemorySegment b,
      @Nullable MemorySegment boundsA,
      @Nullable MemorySegment boundsB) {}

  /** Decodes {@code count} loaded elements from {@code from}: float64 if {@link #wide}. */
  Piece decode(int from, int count) {
    return new Piece(
        values(a, from, count),
        values(b, from, count),
        floored ? bounds(a, from, count) : null,
        floored ? bounds(b, from, count) : null);
  }

  private MemorySegment values(MatrixReader reader, int from, int count) {
    if (wide) {
      return reader.wideValues(from, count);
    }
    return floored ? reader.boundedValues(from, count) : reader.values(from, count);
  }

  private MemorySegment bounds(MatrixReader reader, int from, int count) {
    return wide ? reader.wideBounds(from, count) : reader.bounds(from, count);
  }

  @Override
  public void close() {
    a.close();
    b.close();
  }
}
