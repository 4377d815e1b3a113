package dev.witnessmark.it;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.testing.GgufBuilder;
import dev.witnessmark.format.testing.SafetensorsBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * One small LLaMA model, written as each ecosystem writes it: two blocks, width 64, four query and
 * two key/value heads of 16, MLP 96, vocabulary 48, tied embeddings. Values are a fixed function of
 * a seed, exactly representable in bfloat16 and float16.
 */
final class Models {

  static final int BLOCKS = 2;
  private static final int WIDTH = 64;
  private static final int HEADS = 4;
  private static final int KEY_VALUE_HEADS = 2;
  private static final int HEAD = WIDTH / HEADS;
  private static final int MLP = 96;
  private static final int VOCABULARY = 48;

  /** A matrix by its Hugging Face name; a vector has one row. */
  record Matrix(String name, int rows, int columns, float[] values) {

    Matrix named(String other) {
      return new Matrix(other, rows, columns, values);
    }
  }

  private final Map<String, Matrix> matrices = new LinkedHashMap<>();

  Models(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    add(random, "model.embed_tokens.weight", VOCABULARY, WIDTH);
    for (int block = 0; block < BLOCKS; block++) {
      String prefix = "model.layers." + block + ".";
      add(random, prefix + "input_layernorm.weight", 1, WIDTH);
      add(random, prefix + "self_attn.q_proj.weight", WIDTH, WIDTH);
      add(random, prefix + "self_attn.k_proj.weight", KEY_VALUE_HEADS * HEAD, WIDTH);
      add(random, prefix + "self_attn.v_proj.weight", KEY_VALUE_HEADS * HEAD, WIDTH);
      add(random, prefix + "self_attn.o_proj.weight", WIDTH, WIDTH);
      add(random, prefix + "post_attention_layernorm.weight", 1, WIDTH);
      add(random, prefix + "mlp.gate_proj.weight", MLP, WIDTH);
      add(random, prefix + "mlp.up_proj.weight", MLP, WIDTH);
      add(random, prefix + "mlp.down_proj.weight", WIDTH, MLP);
    }
    add(random, "model.norm.weight", 1, WIDTH);
  }

  private void add(SplittableRandom random, String name, int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      // Seven bits over 64: exact in every float type with eight bits of significand.
      values[i] = (random.nextInt(255) - 127) / 64f;
    }
    matrices.put(name, new Matrix(name, rows, columns, values));
  }

  /** Number of tensors. */
  int tensors() {
    return matrices.size();
  }

  /** Number of values. */
  long values() {
    return matrices.values().stream().mapToLong(matrix -> matrix.values().length).sum();
  }

  /** Changes one value of one tensor. */
  Models set(String name, int index, float value) {
    Matrix matrix = matrices.get(name);
    if (matrix == null) {
      throw new IllegalArgumentException(name);
    }
    matrix.values()[index] = value;
    return this;
  }

  /** Removes one tensor. */
  Models drop(String name) {
    matrices.remove(name);
    return this;
  }

  /** A Hugging Face folder with BF16 weights. */
  Path folder(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"model_type":"llama","hidden_size":%d,"num_attention_heads":%d,
         "num_key_value_heads":%d,"num_hidden_layers":%d,"tie_word_embeddings":true}
        """
            .formatted(WIDTH, HEADS, KEY_VALUE_HEADS, BLOCKS));
    Files.write(folder.resolve("model.safetensors"), safetensors("BF16"));
    return folder;
  }

  /** A single safetensors file. */
  Path file(Path file, String type) throws IOException {
    return Files.write(file, safetensors(type));
  }

  private byte[] safetensors(String type) {
    SafetensorsBuilder builder = new SafetensorsBuilder();
    for (Matrix matrix : matrices.values()) {
      byte[] bytes = bytes(matrix.values(), TensorType.valueOf(type));
      if (matrix.rows() == 1) {
        builder.tensor(matrix.name(), type, bytes, matrix.columns());
      } else {
        builder.tensor(matrix.name(), type, bytes, matrix.rows(), matrix.columns());
      }
    }
    return builder.build();
  }

  /** A GGUF file as converters write it: other names, rows of q and k interleaved per head. */
  Path gguf(Path file, TensorType type) throws IOException {
    GgufBuilder builder =
        new GgufBuilder()
            .text("general.architecture", "llama")
            .u32("llama.block_count", BLOCKS)
            .u32("llama.embedding_length", WIDTH)
            .u32("llama.attention.head_count", HEADS)
            .u32("llama.attention.head_count_kv", KEY_VALUE_HEADS);
    for (Matrix matrix : matrices.values()) {
      Matrix converted = interleaved(matrix).named(ggufName(matrix.name()));
      if (matrix.rows() == 1) {
        builder.tensor(
            converted.name(),
            TensorType.F32,
            bytes(converted.values(), TensorType.F32),
            converted.columns());
      } else {
        builder.tensor(
            converted.name(),
            type,
            bytes(converted.values(), type),
            converted.columns(),
            converted.rows());
      }
    }
    return Files.write(file, builder.build());
  }

  private static String ggufName(String name) {
    return name.replace("model.layers.", "blk.")
        .replace("self_attn.q_proj", "attn_q")
        .replace("self_attn.k_proj", "attn_k")
        .replace("self_attn.v_proj", "attn_v")
        .replace("self_attn.o_proj", "attn_output")
        .replace("post_attention_layernorm", "ffn_norm")
        .replace("input_layernorm", "attn_norm")
        .replace("mlp.gate_proj", "ffn_gate")
        .replace("mlp.up_proj", "ffn_up")
        .replace("mlp.down_proj", "ffn_down")
        .replace("model.embed_tokens", "token_embd")
        .replace("model.norm", "output_norm");
  }

  /** Row {@code 2i + j} of a head in GGUF is row {@code j · HEAD/2 + i} of it in safetensors. */
  private static Matrix interleaved(Matrix matrix) {
    if (!matrix.name().contains("q_proj") && !matrix.name().contains("k_proj")) {
      return matrix;
    }
    float[] values = new float[matrix.values().length];
    for (int row = 0; row < matrix.rows(); row++) {
      int within = row % HEAD;
      int source = row - within + within % 2 * (HEAD / 2) + within / 2;
      System.arraycopy(
          matrix.values(),
          source * matrix.columns(),
          values,
          row * matrix.columns(),
          matrix.columns());
    }
    return new Matrix(matrix.name(), matrix.rows(), matrix.columns(), values);
  }

  private static byte[] bytes(float[] values, TensorType type) {
    ByteBuffer buffer =
        ByteBuffer.allocate((int) type.bytes(values.length)).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      switch (type) {
        case F32 -> buffer.putFloat(value);
        case F16 -> buffer.putShort(Float.floatToFloat16(value));
        case BF16 -> buffer.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
        default -> throw new IllegalArgumentException(type.toString());
      }
    }
    return buffer.array();
  }
}
