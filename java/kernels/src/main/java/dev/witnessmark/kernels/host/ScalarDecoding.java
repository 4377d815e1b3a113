package dev.witnessmark.kernels.host;

import dev.witnessmark.kernels.decode.Decoder;
import dev.witnessmark.kernels.decode.Decoders;
import dev.witnessmark.kernels.numerics.Numerics;
import dev.witnessmark.kernels.operation.Dequantise;
import dev.witnessmark.kernels.operation.Gather;
import java.lang.foreign.MemorySegment;

/** Decoding of whole tensors and of single rows. */
final class ScalarDecoding {

  private ScalarDecoding() {}

  static void dequantise(Dequantise o, MemorySegment stored, MemorySegment values) {
    dequantise(Decoders.scalar(o.type()), o.elements(), stored, values);
  }

  static void gather(Gather o, MemorySegment table, MemorySegment tokens, MemorySegment results) {
    gather(Decoders.scalar(o.type()), o, table, tokens, results);
  }

  /** Decodes in pieces, because a decoder counts elements in 31 bits. */
  static void dequantise(
      Decoder decoder, long elements, MemorySegment stored, MemorySegment values) {
    int piece = 1 << 20; // whole blocks of every type
    for (long i = 0; i < elements; i += piece) {
      int count = (int) Math.min(piece, elements - i);
      decoder.decode(stored, decoder.type().bytes(i), values, i * Float.BYTES, count);
    }
  }

  /** The bounds, with {@code scratch} for the values that they are of. */
  static void bounds(
      Decoder decoder, Scratch scratch, long elements, MemorySegment stored, MemorySegment bounds) {
    int piece = 1 << 12; // whole blocks of every type
    MemorySegment values = scratch.atLeast(piece * (long) Float.BYTES);
    for (long i = 0; i < elements; i += piece) {
      int count = (int) Math.min(piece, elements - i);
      decoder.decodeWithBounds(
          stored, decoder.type().bytes(i), values, 0, bounds, i * Float.BYTES, count);
    }
  }

  static void gather(
      Decoder decoder, Gather o, MemorySegment table, MemorySegment tokens, MemorySegment results) {
    long rowBytes = o.type().bytes(o.columns());
    for (int t = 0; t < o.tokens(); t++) {
      int row = Values.i32(tokens, t);
      long first = (long) t * o.columns();
      if (row >= 0 && row < o.rows()) {
        decoder.decode(table, row * rowBytes, results, first * Float.BYTES, o.columns());
      } else {
        for (int i = 0; i < o.columns(); i++) {
          Values.setF32(results, first + i, Numerics.NAN);
        }
      }
    }
  }
}
