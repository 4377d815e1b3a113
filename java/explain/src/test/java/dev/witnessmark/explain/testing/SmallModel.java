package dev.witnessmark.explain.testing;

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
import java.util.function.UnaryOperator;

/**
 * A model of random float32 weights in memory: LLaMA with two layers, width 16, four query heads of
 * 4, two key/value heads, MLP of 24, vocabulary 20, tied embeddings.
 */
public final class SmallModel {

  public static final int WIDTH = 16;
  public static final int LAYERS = 2;
  private static final int HEADS = 4;
  private static final int KEY_VALUE_HEADS = 2;
  private static final int HEAD = 4;
  private static final int MLP = 24;
  private static final int VOCABULARY = 20;

  /** A matrix, row-major. */
  public record Weights(int rows, int columns, float[] values) {

    byte[] bytes() {
      ByteBuffer bytes =
          ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(values);
      return bytes.array();
    }

    /** Slowest first; a single row is a vector. */
    long[] shape() {
      return rows == 1 ? new long[] {columns} : new long[] {rows, columns};
    }

    /** All rows of this, then all of {@code below}. */
    Weights over(Weights below) {
      float[] all = new float[values.length + below.values.length];
      System.arraycopy(values, 0, all, 0, values.length);
      System.arraycopy(below.values, 0, all, values.length, below.values.length);
      return new Weights(rows + below.rows, columns, all);
    }

    /** Rotary pairs of every head side by side: row j·half + i of a head becomes row 2i + j. */
    Weights interleaved(int heads) {
      float[] turned = new float[values.length];
      int size = rows / heads;
      for (int row = 0; row < rows; row++) {
        int within = row % size;
        int place = row - within + 2 * (within % (size / 2)) + within / (size / 2);
        System.arraycopy(values, row * columns, turned, place * columns, columns);
      }
      return new Weights(rows, columns, turned);
    }
  }

  private final Map<String, Weights> tensors;

  private SmallModel(Map<String, Weights> tensors) {
    this.tensors = tensors;
  }

  public static SmallModel random(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Map<String, Weights> tensors = new LinkedHashMap<>();
    tensors.put("model.embed_tokens.weight", random(random, VOCABULARY, WIDTH));
    // A decoder with neither this nor a head would not be known to share its embedding.
    tensors.put("model.norm.weight", random(random, 1, WIDTH));
    for (int layer = 0; layer < LAYERS; layer++) {
      String block = "model.layers." + layer + ".";
      tensors.put(block + "self_attn.q_proj.weight", random(random, HEADS * HEAD, WIDTH));
      tensors.put(block + "self_attn.k_proj.weight", random(random, KEY_VALUE_HEADS * HEAD, WIDTH));
      tensors.put(block + "self_attn.v_proj.weight", random(random, KEY_VALUE_HEADS * HEAD, WIDTH));
      tensors.put(block + "self_attn.o_proj.weight", random(random, WIDTH, HEADS * HEAD));
      tensors.put(block + "mlp.gate_proj.weight", random(random, MLP, WIDTH));
      tensors.put(block + "mlp.up_proj.weight", random(random, MLP, WIDTH));
      tensors.put(block + "mlp.down_proj.weight", random(random, WIDTH, MLP));
    }
    return new SmallModel(tensors);
  }

  private static Weights random(SplittableRandom random, int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (0.03 * random.nextGaussian());
    }
    return new Weights(rows, columns, values);
  }

  /** The same with one tensor changed. */
  public SmallModel with(String name, UnaryOperator<float[]> change) {
    Map<String, Weights> changed = new LinkedHashMap<>(tensors);
    changed.computeIfPresent(
        name, (_, w) -> new Weights(w.rows, w.columns, change.apply(w.values.clone())));
    return new SmallModel(changed);
  }

  /** The same with random numbers added to what writes to the hidden state in all layers. */
  public SmallModel tuned(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    SmallModel tuned = this;
    for (String name : tensors.keySet()) {
      if (name.endsWith("o_proj.weight") || name.endsWith("down_proj.weight")) {
        tuned =
            tuned.with(
                name,
                values -> {
                  for (int i = 0; i < values.length; i++) {
                    values[i] += (float) (0.01 * random.nextGaussian());
                  }
                  return values;
                });
      }
    }
    return tuned;
  }

  /** The same without one tensor. */
  public SmallModel without(String name) {
    Map<String, Weights> fewer = new LinkedHashMap<>(tensors);
    fewer.remove(name);
    return new SmallModel(fewer);
  }

  /** The same with query, key and value in one tensor, and gate and up in another. */
  public SmallModel fused() {
    Map<String, Weights> fused = new LinkedHashMap<>(tensors);
    for (int layer = 0; layer < LAYERS; layer++) {
      String attention = "model.layers." + layer + ".self_attn.";
      String mlp = "model.layers." + layer + ".mlp.";
      fused.put(
          attention + "qkv_proj.weight",
          take(fused, attention + "q_proj.weight")
              .over(take(fused, attention + "k_proj.weight"))
              .over(take(fused, attention + "v_proj.weight")));
      fused.put(
          mlp + "gate_up_proj.weight",
          take(fused, mlp + "gate_proj.weight").over(take(fused, mlp + "up_proj.weight")));
    }
    return new SmallModel(fused);
  }

  private static Weights take(Map<String, Weights> tensors, String name) {
    Weights taken = tensors.remove(name);
    if (taken == null) {
      throw new IllegalArgumentException(name);
    }
    return taken;
  }

  /** Writes a folder with a safetensors file and its configuration. */
  public Path safetensors(Path folder) throws IOException {
    Files.createDirectories(folder);
    SafetensorsBuilder file = new SafetensorsBuilder();
    tensors.forEach((name, w) -> file.tensor(name, "F32", w.bytes(), w.shape()));
    Files.write(folder.resolve("model.safetensors"), file.build());
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"model_type": "llama", "hidden_size": %d, "num_hidden_layers": %d,
         "num_attention_heads": %d, "num_key_value_heads": %d, "tie_word_embeddings": true,
         "bos_token_id": 1}
        """
            .formatted(WIDTH, LAYERS, HEADS, KEY_VALUE_HEADS));
    return folder;
  }

  /** Writes a GGUF file, with rotary pairs side by side as that container has them for LLaMA. */
  public Path gguf(Path file) throws IOException {
    GgufBuilder gguf =
        new GgufBuilder()
            .text("general.architecture", "llama")
            .u32("llama.attention.head_count", HEADS)
            .u32("llama.attention.head_count_kv", KEY_VALUE_HEADS)
            .u32("tokenizer.ggml.bos_token_id", 1);
    tensors.forEach((name, w) -> {
      Weights stored =
          switch (name.replaceAll(".*\\.(.)_proj.*", "$1")) {
            case "q" -> w.interleaved(HEADS);
            case "k" -> w.interleaved(KEY_VALUE_HEADS);
            default -> w;
          };
      long[] fastestFirst = w.rows == 1 ? new long[] {w.columns} : new long[] {w.columns, w.rows};
      gguf.tensor(ggufName(name), TensorType.F32, stored.bytes(), fastestFirst);
    });
    return Files.write(file, gguf.build());
  }

  private static String ggufName(String name) {
    return name.replace("model.embed_tokens", "token_embd")
        .replace("model.norm", "output_norm")
        .replace("model.layers.", "blk.")
        .replace("self_attn.q_proj", "attn_q")
        .replace("self_attn.k_proj", "attn_k")
        .replace("self_attn.v_proj", "attn_v")
        .replace("self_attn.o_proj", "attn_output")
        .replace("mlp.gate_proj", "ffn_gate")
        .replace("mlp.up_proj", "ffn_up")
        .replace("mlp.down_proj", "ffn_down");
  }
}
