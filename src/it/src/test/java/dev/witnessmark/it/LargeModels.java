package dev.witnessmark.it;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;

/**
 * Pairs that take seconds to compare and next to no space: sparse files with some values in them.
 */
final class LargeModels {

  private static final int COLUMNS = 4096;
  private static final int ROWS = 1536;
  private static final long TENSOR_BYTES = 4L * ROWS * COLUMNS;

  private LargeModels() {}

  /** A safetensors file of {@code tensors} matrices of 24 MiB each, with a few values by seed. */
  static Path write(Path file, int tensors, long seed) throws IOException {
    StringBuilder header = new StringBuilder("{");
    for (int i = 0; i < tensors; i++) {
      header
          .append(i == 0 ? "" : ",")
          .append(
              "\"model.layers.%d.mlp.up_proj.weight\":{\"dtype\":\"F32\",\"shape\":[%d,%d],\"data_offsets\":[%d,%d]}"
                  .formatted(i, ROWS, COLUMNS, i * TENSOR_BYTES, (i + 1) * TENSOR_BYTES));
    }
    byte[] text = header.append('}').toString().getBytes(StandardCharsets.UTF_8);
    SplittableRandom random = new SplittableRandom(seed);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer begin = ByteBuffer.allocate(8 + text.length).order(ByteOrder.LITTLE_ENDIAN);
      channel.write(begin.putLong(text.length).put(text).flip());
      long data = channel.position();
      for (long at = 0; at < tensors * TENSOR_BYTES; at += 1 << 20) {
        float value = (float) random.nextDouble(-1, 1);
        ByteBuffer four = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(value);
        channel.write(four.flip(), data + at + 4L * random.nextInt(1 << 18));
      }
      channel.write(ByteBuffer.allocate(4), data + tensors * TENSOR_BYTES - 4);
    }
    return file;
  }
}
