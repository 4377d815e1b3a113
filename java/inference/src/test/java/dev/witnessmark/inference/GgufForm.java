package dev.witnessmark.inference;

import dev.witnessmark.format.Metadata;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.format.testing.GgufBuilder;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Writes a {@link TinyModel} as the converter of llama.cpp would. */
final class GgufForm {

  private static final Map<String, String> ARCHITECTURES =
      Map.of(
          "llama", "llama",
          "mistral", "llama",
          "mixtral", "llama",
          "qwen2", "qwen2",
          "qwen3", "qwen3",
          "qwen3_moe", "qwen3moe");

  private static final Map<String, String> STEMS =
      Map.ofEntries(
          Map.entry("model.embed_tokens", "token_embd"),
          Map.entry("model.norm", "output_norm"),
          Map.entry("lm_head", "output"),
          Map.entry("input_layernorm", "attn_norm"),
          Map.entry("self_attn.q_proj", "attn_q"),
          Map.entry("self_attn.k_proj", "attn_k"),
          Map.entry("self_attn.v_proj", "attn_v"),
          Map.entry("self_attn.o_proj", "attn_output"),
          Map.entry("self_attn.q_norm", "attn_q_norm"),
          Map.entry("self_attn.k_norm", "attn_k_norm"),
          Map.entry("post_attention_layernorm", "ffn_norm"),
          Map.entry("mlp.gate_proj", "ffn_gate"),
          Map.entry("mlp.up_proj", "ffn_up"),
          Map.entry("mlp.down_proj", "ffn_down"),
          Map.entry("mlp.gate", "ffn_gate_inp"),
          Map.entry("block_sparse_moe.gate", "ffn_gate_inp"));

  private static final Map<String, String> EXPERTS =
      Map.of(
          "gate_proj", "ffn_gate_exps",
          "up_proj", "ffn_up_exps",
          "down_proj", "ffn_down_exps",
          "w1", "ffn_gate_exps",
          "w3", "ffn_up_exps",
          "w2", "ffn_down_exps");

  private static final Pattern LAYER = Pattern.compile("model\\.layers\\.(\\d+)\\.(.+)");
  private static final Pattern EXPERT = Pattern.compile(".+\\.experts\\.(\\d+)\\.(\\w+)\\.weight");

  private final TinyModel model;
  private final Metadata config;
  private final String architecture;
  private final int heads;
  private final int keyValueHeads;
  private final GgufBuilder file = new GgufBuilder();

  private GgufForm(TinyModel model) {
    this.model = model;
    this.config = model.checkpoint().metadata();
    this.architecture =
        Objects.requireNonNull(ARCHITECTURES.get(config.text("config.model_type").orElseThrow()));
    this.heads = whole("num_attention_heads");
    this.keyValueHeads = whole("num_key_value_heads");
  }

  static byte[] of(TinyModel model) throws IOException {
    GgufForm form = new GgufForm(model);
    form.sizes();
    form.scaling();
    form.tensors();
    return form.file.build();
  }

  private int whole(String key) {
    return (int) config.whole("config." + key).orElseThrow();
  }

  private double rope(String key, double otherwise) {
    return config
        .real("config.rope_parameters." + key)
        .orElse(config.real("config.rope_scaling." + key).orElse(otherwise));
  }

  private void sizes() {
    file.text("general.architecture", architecture);
    u32("block_count", whole("num_hidden_layers"));
    u32("context_length", whole("max_position_embeddings"));
    u32("embedding_length", whole("hidden_size"));
    u32("feed_forward_length", whole("intermediate_size"));
    u32("attention.head_count", heads);
    u32("attention.head_count_kv", keyValueHeads);
    config
        .whole("config.head_dim")
        .ifPresent(size -> {
          u32("attention.key_length", size);
          u32("attention.value_length", size);
          u32("rope.dimension_count", size);
        });
    f32("attention.layer_norm_rms_epsilon", config.real("config.rms_norm_eps").orElseThrow());
    f32("rope.freq_base", rope("rope_theta", config.real("config.rope_theta").orElse(10_000)));
    config.whole("config.num_local_experts").ifPresent(count -> u32("expert_count", count));
    config.whole("config.num_experts").ifPresent(count -> u32("expert_count", count));
    config.whole("config.num_experts_per_tok").ifPresent(n -> u32("expert_used_count", n));
    config
        .whole("config.moe_intermediate_size")
        .ifPresent(size -> u32("expert_feed_forward_length", size));
    config
        .flag("config.norm_topk_prob")
        .ifPresent(norm -> file.flag(architecture + ".expert_weights_norm", norm));
  }

  private void scaling() {
    String type =
        config
            .text("config.rope_parameters.rope_type")
            .or(() -> config.text("config.rope_scaling.rope_type"))
            .or(() -> config.text("config.rope_scaling.type"))
            .orElse("default");
    double factor = rope("factor", 1);
    switch (type) {
      case "linear" -> {
        file.text(architecture + ".rope.scaling.type", "linear");
        f32("rope.scaling.factor", factor);
      }
      case "llama3" -> factors();
      case "yarn" -> {
        file.text(architecture + ".rope.scaling.type", "yarn");
        f32("rope.scaling.factor", factor);
        u32(
            "rope.scaling.original_context_length",
            (long) rope("original_max_position_embeddings", whole("max_position_embeddings")));
        f32("rope.scaling.yarn_beta_fast", rope("beta_fast", 32));
        f32("rope.scaling.yarn_beta_slow", rope("beta_slow", 1));
        // What is stored is a factor beside the one of the paper.
        f32("rope.scaling.attn_factor", model.attentionFactor() / (1 + 0.1 * Math.log(factor)));
      }
      default -> {}
    }
  }

  private void factors() {
    double theta = config.real("config.rope_theta").orElseThrow();
    double[] frequencies = model.frequencies();
    byte[] bytes = new byte[frequencies.length * Float.BYTES];
    ByteBuffer floats = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < frequencies.length; i++) {
      floats.putFloat((float) (Math.pow(theta, -1.0 * i / frequencies.length) / frequencies[i]));
    }
    file.tensor("rope_freqs.weight", TensorType.F32, bytes, frequencies.length);
  }

  private void u32(String key, long value) {
    file.u32(architecture + "." + key, value);
  }

  private void f32(String key, double value) {
    file.f32(architecture + "." + key, (float) value);
  }

  private void tensors() throws IOException {
    Map<String, Map<Integer, TensorView>> stacks = new LinkedHashMap<>();
    for (TensorView tensor : model.checkpoint().tensors()) {
      Matcher expert = EXPERT.matcher(tensor.name());
      if (expert.matches()) {
        String name = "blk.%s.%s.weight".formatted(layerOf(tensor), stem(EXPERTS, expert.group(2)));
        stacks
            .computeIfAbsent(name, _ -> new TreeMap<>())
            .put(Integer.parseInt(expert.group(1)), tensor);
      } else {
        file.tensor(name(tensor), tensor.type(), stored(tensor), fastestFirst(tensor));
      }
    }
    for (Map.Entry<String, Map<Integer, TensorView>> stack : stacks.entrySet()) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      List<TensorView> experts = new ArrayList<>(stack.getValue().values());
      for (TensorView expert : experts) {
        all.writeBytes(bytes(expert));
      }
      TensorView one = experts.getFirst();
      file.tensor(
          stack.getKey(),
          one.type(),
          all.toByteArray(),
          one.shape().columns(),
          one.shape().rows(),
          experts.size());
    }
  }

  private static long[] fastestFirst(TensorView tensor) {
    return tensor.shape().rank() == 1
        ? new long[] {tensor.shape().columns()}
        : new long[] {tensor.shape().columns(), tensor.shape().rows()};
  }

  private static String layerOf(TensorView tensor) {
    Matcher layer = LAYER.matcher(tensor.name());
    if (!layer.matches()) {
      throw new IllegalStateException(tensor.name());
    }
    return layer.group(1);
  }

  private static String stem(Map<String, String> stems, String stem) {
    return Objects.requireNonNull(stems.get(stem), stem);
  }

  private static String name(TensorView tensor) {
    int dot = tensor.name().lastIndexOf('.');
    String stem = tensor.name().substring(0, dot);
    String part = tensor.name().substring(dot);
    Matcher layer = LAYER.matcher(stem);
    return layer.matches()
        ? "blk." + layer.group(1) + "." + stem(STEMS, layer.group(2)) + part
        : stem(STEMS, stem) + part;
  }

  private byte[] stored(TensorView tensor) throws IOException {
    byte[] bytes = bytes(tensor);
    int of =
        tensor.name().contains("q_proj.")
            ? heads
            : tensor.name().contains("k_proj.") ? keyValueHeads : 0;
    if (of == 0 || !architecture.equals("llama")) {
      return bytes;
    }
    boolean vector = tensor.shape().rank() == 1;
    int rows = (int) (vector ? tensor.shape().columns() : tensor.shape().rows());
    int rowBytes = bytes.length / rows;
    byte[] permuted = new byte[bytes.length];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(
          bytes, source(row, rows / of) * rowBytes, permuted, row * rowBytes, rowBytes);
    }
    return permuted;
  }

  /** Which element of a head whose pairs are half of it apart is at {@code row} side by side. */
  private static int source(int row, int headSize) {
    int within = row % headSize;
    return row - within + within / 2 + within % 2 * (headSize / 2);
  }

  private static byte[] bytes(TensorView tensor) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(tensor.bytes());
      tensor.read(0, bytes);
      return bytes.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  /** A stage of the model in the order of elements that its GGUF form has. */
  static double[] reordered(TinyModel model, StageKey key, double[] values) {
    GgufForm form = new GgufForm(model);
    int headSize = model.frequencies().length * 2;
    int query = form.heads * headSize;
    int keys = form.keyValueHeads * headSize;
    int width;
    int turned;
    switch (key.stage()) {
      case Stage.Q_POST_ROPE -> width = turned = query;
      case Stage.K_POST_ROPE -> width = turned = keys;
      case Stage.QKV_MATMUL, Stage.QKV_BIAS -> {
        width = query + 2 * keys;
        turned = query + keys;
      }
      default -> {
        return values;
      }
    }
    if (!form.architecture.equals("llama")) {
      return values;
    }
    double[] reordered = values.clone();
    for (int i = 0; i < values.length; i++) {
      int column = i % width;
      if (column < turned) {
        reordered[i] = values[i - column + source(column, headSize)];
      }
    }
    return reordered;
  }
}
