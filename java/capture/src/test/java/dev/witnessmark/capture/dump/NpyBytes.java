package dev.witnessmark.capture.dump;

import dev.witnessmark.format.testing.ByteWriter;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes NumPy files, right and wrong ones. */
public final class NpyBytes {

  private NpyBytes() {}

  /** A file of {@code version} with this dictionary, filled up as NumPy does. */
  public static byte[] file(int version, String dictionary, byte[] data) {
    int fixed = version == 1 ? 10 : 12;
    int padding = Math.floorMod(-(fixed + dictionary.length() + 1), 64);
    return raw(version, dictionary + " ".repeat(padding) + "\n", data);
  }

  /** A file whose header is exactly {@code header}. */
  public static byte[] raw(int version, String header, byte[] data) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteWriter bytes = new ByteWriter(ByteOrder.LITTLE_ENDIAN);
    bytes.raw(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
    if (version == 1) {
      bytes.raw(new byte[] {(byte) text.length, (byte) (text.length >> 8)});
    } else {
      bytes.u32(text.length);
    }
    return bytes.raw(text).raw(data).toByteArray();
  }

  /** The dictionary as NumPy writes it. */
  public static String dictionary(String type, boolean fortranOrder, String shape) {
    return "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }"
        .formatted(type, fortranOrder ? "True" : "False", shape);
  }
}
