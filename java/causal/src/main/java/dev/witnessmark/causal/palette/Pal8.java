package dev.witnessmark.causal.palette;

import dev.witnessmark.format.Refusal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A palette file: {@code PAL8}, a byte for the style, eight layers of 64 little-endian words: 4,101
 * bytes.
 *
 * @param style the style byte
 * @param layers 8 · 64 words, layer by layer
 */
public record Pal8(PaletteStyle style, long[] layers) {

  /** Length of a file. */
  public static final int BYTES = 5 + Plane.COUNT * EdgePalette.ROWS * Long.BYTES;

  private static final byte[] MAGIC = "PAL8".getBytes(StandardCharsets.US_ASCII);

  /** The file of a palette. */
  public static Pal8 of(PaletteStyle style, LayeredPalette palette) {
    long[] layers = new long[Plane.COUNT * EdgePalette.ROWS];
    for (int layer = 0; layer < Plane.COUNT; layer++) {
      System.arraycopy(palette.rows(layer), 0, layers, layer * EdgePalette.ROWS, EdgePalette.ROWS);
    }
    return new Pal8(style, layers);
  }

  /** The file's bytes. */
  public byte[] toBytes() {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(MAGIC).put((byte) style.code());
    for (long word : layers) {
      bytes.putLong(word);
    }
    return bytes.array();
  }

  /**
   * Reads a file's bytes; what follows the last word is ignored.
   *
   * @param file name for messages
   * @throws Refusal.UnknownFormat if it does not begin as a palette
   * @throws Refusal.Truncated if it is too short
   */
  public static Pal8 read(String file, byte[] bytes) throws Refusal {
    if (bytes.length < MAGIC.length
        || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw new Refusal.UnknownFormat(file, "does not begin with PAL8, as a palette does");
    }
    if (bytes.length < BYTES) {
      throw new Refusal.Truncated(
          file, "palette", 0, BYTES, bytes.length, "make the palette again");
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    buffer.position(MAGIC.length);
    PaletteStyle style = PaletteStyle.ofCode(buffer.get() & 0xFF);
    long[] layers = new long[Plane.COUNT * EdgePalette.ROWS];
    buffer.asLongBuffer().get(layers);
    return new Pal8(style, layers);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Pal8 that && style == that.style && Arrays.equals(layers, that.layers);
  }

  @Override
  public int hashCode() {
    return 31 * style.hashCode() + Arrays.hashCode(layers);
  }

  @Override
  public String toString() {
    return "Pal8[" + style + "]";
  }
}
