package dev.witnessmark.benchmarks;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A GGUF file of the LLaMA architecture with random weights, matrices in Q4_K and norms in F32.
 *
 * @param layers transformer blocks
 * @param hidden width
 * @param heads query heads of 128
 * @param keyValueHeads key/value heads
 * @param intermediate width of the MLP
 * @param vocabulary rows of embedding and head
 */
record RandomModel(
    int layers, int hidden, int heads, int keyValueHeads, int intermediate, int vocabulary) {

  private static final int ALIGNMENT = 32;
  private static final int BLOCK = 256;
  private static final int BLOCK_BYTES = 144;
  private static final int Q4_K = 12;
  private static final int F32 = 0;
  private static final int U32 = 4;
  private static final int FLOAT32 = 6;
  private static final int STRING = 8;

  /** Columns, rows; a vector has one row. */
  private record Extent(int columns, int rows) {
    long bytes() {
      return rows == 1 ? 4L * columns : (long) rows * columns / BLOCK * BLOCK_BYTES;
    }
  }

  private Map<String, Extent> tensors() {
    int keys = keyValueHeads * hidden / heads;
    Map<String, Extent> tensors = new LinkedHashMap<>();
    tensors.put("token_embd.weight", new Extent(hidden, vocabulary));
    tensors.put("output.weight", new Extent(hidden, vocabulary));
    tensors.put("output_norm.weight", new Extent(hidden, 1));
    for (int layer = 0; layer < layers; layer++) {
      String block = "blk." + layer + ".";
      tensors.put(block + "attn_norm.weight", new Extent(hidden, 1));
      tensors.put(block + "attn_q.weight", new Extent(hidden, hidden));
      tensors.put(block + "attn_k.weight", new Extent(hidden, keys));
      tensors.put(block + "attn_v.weight", new Extent(hidden, keys));
      tensors.put(block + "attn_output.weight", new Extent(hidden, hidden));
      tensors.put(block + "ffn_norm.weight", new Extent(hidden, 1));
      tensors.put(block + "ffn_gate.weight", new Extent(hidden, intermediate));
      tensors.put(block + "ffn_up.weight", new Extent(hidden, intermediate));
      tensors.put(block + "ffn_down.weight", new Extent(intermediate, hidden));
    }
    return tensors;
  }

  /** Writes the file. */
  void write(Path file) throws IOException {
    Map<String, Extent> tensors = tensors();
    ByteBuffer header = ByteBuffer.allocate(1 << 20).order(ByteOrder.LITTLE_ENDIAN);
    header.put("GGUF".getBytes(StandardCharsets.US_ASCII)).putInt(3);
    header.putLong(tensors.size()).putLong(8);
    text(header, "general.architecture").putInt(STRING);
    text(header, "llama");
    whole(header, "llama.block_count", layers);
    whole(header, "llama.embedding_length", hidden);
    whole(header, "llama.feed_forward_length", intermediate);
    whole(header, "llama.attention.head_count", heads);
    whole(header, "llama.attention.head_count_kv", keyValueHeads);
    whole(header, "llama.context_length", 4096);
    text(header, "llama.attention.layer_norm_rms_epsilon").putInt(FLOAT32).putFloat(1e-5f);
    long offset = 0;
    for (Map.Entry<String, Extent> tensor : tensors.entrySet()) {
      Extent extent = tensor.getValue();
      text(header, tensor.getKey()).putInt(extent.rows == 1 ? 1 : 2).putLong(extent.columns);
      if (extent.rows > 1) {
        header.putLong(extent.rows);
      }
      header.putInt(extent.rows == 1 ? F32 : Q4_K).putLong(offset);
      offset += Math.ceilDiv(extent.bytes(), ALIGNMENT) * ALIGNMENT;
    }
    while (header.position() % ALIGNMENT != 0) {
      header.put((byte) 0);
    }
    SplittableRandom random = new SplittableRandom(1);
    try (OutputStream out = Files.newOutputStream(file)) {
      out.write(header.array(), 0, header.position());
      for (Extent extent : tensors.values()) {
        write(extent, random, out);
      }
    }
  }

  private static ByteBuffer text(ByteBuffer header, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return header.putLong(bytes.length).put(bytes);
  }

  private static void whole(ByteBuffer header, String key, int value) {
    text(header, key).putInt(U32).putInt(value);
  }

  /** A block's two scales keep activations within range; everything else is random. */
  private static void write(Extent extent, SplittableRandom random, OutputStream out)
      throws IOException {
    if (extent.rows == 1) {
      ByteBuffer ones = ByteBuffer.allocate(4 * extent.columns).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < extent.columns; i++) {
        ones.putFloat(1);
      }
      out.write(ones.array());
      return;
    }
    short scale = Float.floatToFloat16((float) (0.02 / Math.sqrt(extent.columns)));
    byte[] row = new byte[extent.columns / BLOCK * BLOCK_BYTES];
    ByteBuffer blocks = ByteBuffer.wrap(row).order(ByteOrder.LITTLE_ENDIAN);
    for (int r = 0; r < extent.rows; r++) {
      random.nextBytes(row);
      for (int at = 0; at < row.length; at += BLOCK_BYTES) {
        blocks.putShort(at, scale).putShort(at + 2, scale);
      }
      out.write(row);
    }
  }
}
