package dev.witnessmark.benchmarks;

import dev.witnessmark.format.TensorType;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A GGUF file of matrices of one type.
 *
 * @param type that of all values
 * @param rows rows of each matrix, of 4096 columns
 */
record MatrixFile(TensorType type, long rows) {

  private static final int TENSORS = 16;
  private static final int COLUMNS = 4096;
  private static final int ALIGNMENT = 32;
  private static final int ROWS_OF_A_BLOCK = 256;
  private static final int STRING = 8;

  /** Files of about {@code bytes} bytes. */
  static MatrixFile of(TensorType type, long bytes) {
    long block = ROWS_OF_A_BLOCK * type.bytes(COLUMNS);
    return new MatrixFile(type, bytes / TENSORS / block * ROWS_OF_A_BLOCK);
  }

  /** Values of all matrices. */
  long values() {
    return TENSORS * rows * COLUMNS;
  }

  void write(Path file) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
    header.put("GGUF".getBytes(StandardCharsets.US_ASCII)).putInt(3).putLong(TENSORS).putLong(1);
    text(header, "general.architecture").putInt(STRING);
    text(header, "qwen2");
    long each = type.bytes(rows * COLUMNS);
    for (int t = 0; t < TENSORS; t++) {
      text(header, "blk." + t + ".ffn_up.weight").putInt(2).putLong(COLUMNS).putLong(rows);
      header.putInt(id()).putLong(t * each);
    }
    while (header.position() % ALIGNMENT != 0) {
      header.put((byte) 0);
    }
    byte[] block = Weights.of(type, ROWS_OF_A_BLOCK * COLUMNS, 1).toArray(ValueLayout.JAVA_BYTE);
    try (OutputStream out = Files.newOutputStream(file)) {
      out.write(header.array(), 0, header.position());
      for (long done = 0; done < TENSORS * each; done += block.length) {
        out.write(block);
      }
    }
  }

  private int id() {
    for (int id = 0; id < Byte.MAX_VALUE; id++) {
      if (TensorType.ofGgmlId(id).filter(type::equals).isPresent()) {
        return id;
      }
    }
    throw new IllegalArgumentException(type + " is no type of GGUF");
  }

  private static ByteBuffer text(ByteBuffer header, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return header.putLong(bytes.length).put(bytes);
  }
}
