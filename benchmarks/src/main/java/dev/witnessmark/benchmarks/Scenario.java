package dev.witnessmark.benchmarks;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** Two files of matrices, and what the second one is like. */
enum Scenario {
  F32_EQUAL("F32", "F32", 0),
  F32_ALL_MOVED("F32", "F32", 1),
  BF16_EIGHTH_MOVED("BF16", "BF16", 0.125),
  BF16_ALL_MOVED("BF16", "BF16", 1),
  F32_AGAINST_BF16("F32", "BF16", 0);

  private static final int TENSORS = 16;
  private static final int COLUMNS = 4096;
  private static final int VALUES_OF_A_BLOCK = 1 << 18;

  private final String typeA;
  private final String typeB;
  private final double moved;

  Scenario(String typeA, String typeB, double moved) {
    this.typeA = typeA;
    this.typeB = typeB;
    this.moved = moved;
  }

  /**
   * Writes both as safetensors.
   *
   * @param bytes about the size of {@code a}
   */
  void write(Path a, Path b, long bytes) throws IOException {
    long rows = bytes / TENSORS / COLUMNS / bytes(typeA);
    write(a, typeA, rows, 0);
    write(b, typeB, rows, moved);
  }

  private static int bytes(String type) {
    return type.equals("F32") ? Float.BYTES : Short.BYTES;
  }

  /** A share of {@code moved} of the matrices differs from the plain ones. */
  private static void write(Path file, String type, long rows, double moved) throws IOException {
    long each = rows * COLUMNS * bytes(type);
    StringBuilder header = new StringBuilder("{");
    for (int t = 0; t < TENSORS; t++) {
      header
          .append(t == 0 ? "" : ",")
          .append(
              "\"model.layers.%d.mlp.up_proj.weight\":{\"dtype\":\"%s\",\"shape\":[%d,%d],\"data_offsets\":[%d,%d]}"
                  .formatted(t, type, rows, COLUMNS, t * each, (t + 1) * each));
    }
    byte[] json = header.append('}').toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    length.putLong(json.length);
    try (OutputStream out = Files.newOutputStream(file)) {
      out.write(length.array());
      out.write(json);
      for (int t = 0; t < TENSORS; t++) {
        byte[] block = values(type, new SplittableRandom(t), t < TENSORS * moved);
        for (long done = 0; done < each; done += block.length) {
          out.write(block, 0, (int) Math.min(block.length, each - done));
        }
      }
    }
  }

  /** Normal-looking weights, or the same ones moved by a twentieth, as a fine-tune would. */
  private static byte[] values(String type, SplittableRandom random, boolean moved) {
    ByteBuffer buffer =
        ByteBuffer.allocate(VALUES_OF_A_BLOCK * bytes(type)).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      double weight = random.nextGaussian() * 0.02;
      double change = random.nextGaussian() * 0.001;
      float value = (float) (moved ? weight + change : weight);
      if (type.equals("F32")) {
        buffer.putFloat(value);
      } else {
        int bits = Float.floatToRawIntBits(value);
        buffer.putShort((short) ((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16)); // to nearest even
      }
    }
    return buffer.array();
  }
}
