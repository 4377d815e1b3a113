package dev.witnessmark.fingerprint.bgz7;

import dev.witnessmark.fingerprint.Fingerprint;
import dev.witnessmark.fingerprint.FingerprintTensor;
import dev.witnessmark.fingerprint.LayerType;
import dev.witnessmark.format.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * One record of an index file. Its fingerprints stay in the file.
 *
 * @param source the file
 * @param at offset of the first fingerprint
 * @param name the tensor's name
 * @param layerType what it is filed under
 * @param rows number of fingerprints, at most 2³² − 1
 * @param columns values of a row before projection, as the writer says
 */
public record Bgz7Record(
    ByteSource source, long at, String name, LayerType layerType, long rows, long columns)
    implements FingerprintTensor {

  /** Bytes of a record beside its name and its fingerprints. */
  static final int FIXED_BYTES = Integer.BYTES + 1 + 2 * Integer.BYTES;

  /** Bytes that are read at once. */
  private static final int PIECE = 1920 * Fingerprint.BYTES;

  @Override
  public void read(long first, int count, short[] target) throws IOException {
    Objects.checkFromIndexSize(first, count, rows);
    Objects.checkFromIndexSize(0, Math.multiplyExact(count, Fingerprint.DIMENSIONS), target.length);
    byte[] bytes = new byte[(int) Math.min(PIECE, (long) count * Fingerprint.BYTES)];
    ByteBuffer numbers = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long from = at + first * Fingerprint.BYTES;
    for (int done = 0; done < count; done += PIECE / Fingerprint.BYTES) {
      int rowsNow = Math.min(PIECE / Fingerprint.BYTES, count - done);
      source.read(
          from + (long) done * Fingerprint.BYTES,
          MemorySegment.ofArray(bytes).asSlice(0, (long) rowsNow * Fingerprint.BYTES));
      numbers
          .asShortBuffer()
          .get(target, done * Fingerprint.DIMENSIONS, rowsNow * Fingerprint.DIMENSIONS);
    }
  }
}
