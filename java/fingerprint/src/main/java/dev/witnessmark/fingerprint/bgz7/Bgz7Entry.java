package dev.witnessmark.fingerprint.bgz7;

import dev.witnessmark.fingerprint.Fingerprint;
import dev.witnessmark.fingerprint.FingerprintTensor;
import dev.witnessmark.fingerprint.LayerType;
import dev.witnessmark.verdict.CouldNotCompare;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * What a record says of its fingerprints.
 *
 * @param name the tensor's name
 * @param layerType what it is filed under
 * @param rows number of fingerprints
 * @param columns values of a row before projection
 */
public record Bgz7Entry(String name, LayerType layerType, long rows, long columns) {

  /** The longest name, in bytes, that readers take. */
  private static final int LONGEST_NAME = 65_535;

  private static final long LARGEST = 0xFFFF_FFFFL;

  /** What the record of {@code tensor} says. */
  public static Bgz7Entry of(FingerprintTensor tensor) {
    return new Bgz7Entry(tensor.name(), tensor.layerType(), tensor.rows(), tensor.columns());
  }

  /**
   * The bytes of a record up to its fingerprints.
   *
   * @throws CouldNotCompare if a record cannot hold the name or the numbers
   */
  byte[] toBytes() throws CouldNotCompare {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    if (text.length > LONGEST_NAME || rows > LARGEST || columns > LARGEST) {
      throw new CouldNotCompare(
          "%s: a name of %d bytes, %d rows and %d columns do not fit a BGZ7 record, which has %d, %d and %d"
              .formatted(name, text.length, rows, columns, LONGEST_NAME, LARGEST, LARGEST));
    }
    return ByteBuffer.allocate(Bgz7Record.FIXED_BYTES + text.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(text.length)
        .put(text)
        .put((byte) layerType.code())
        .putInt((int) rows)
        .putInt((int) columns)
        .array();
  }

  /** Bytes of the fingerprints. */
  long fingerprintBytes() {
    return Math.multiplyExact(rows, Fingerprint.BYTES);
  }
}
