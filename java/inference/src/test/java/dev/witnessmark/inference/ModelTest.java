package dev.witnessmark.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.CheckpointReader;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Metadata;
import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.Shape;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.format.testing.BytesSource;
import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which checkpoints are a model, and what is said of the others. */
class ModelTest {

  @TempDir
  @SuppressWarnings("NullAway.Init") // Set by JUnit.
  Path folder;

  private static Checkpoint with(Checkpoint checkpoint, Stream<TensorView> tensors) {
    return new Checkpoint(
        checkpoint.path(),
        checkpoint.format(),
        checkpoint.formatVersion(),
        checkpoint.metadata(),
        tensors.toList(),
        List.of());
  }

  private static Checkpoint only(Checkpoint checkpoint, Predicate<TensorView> kept) {
    return with(checkpoint, checkpoint.tensors().stream().filter(kept));
  }

  private static Checkpoint and(Checkpoint checkpoint, TensorView more) {
    return with(checkpoint, Stream.concat(checkpoint.tensors().stream(), Stream.of(more)));
  }

  private static Checkpoint with(Checkpoint checkpoint, String key, long value) {
    Map<String, MetadataValue> entries = new LinkedHashMap<>(checkpoint.metadata().entries());
    entries.put(key, new MetadataValue.Whole(BigInteger.valueOf(value)));
    return checkpoint.with(new Metadata(entries));
  }

  private static TensorView tensor(String name, float[] values, long... shape) {
    byte[] bytes = new byte[values.length * Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
    return TensorView.stored(
        name, TensorType.F32, Shape.of(shape), new BytesSource("added", bytes), 0, bytes.length);
  }

  private static <R extends Refusal> R refusal(Class<R> kind, Checkpoint checkpoint) {
    return Objects.requireNonNull(catchThrowableOfType(kind, () -> Model.of(checkpoint)));
  }

  @ParameterizedTest
  @CsvSource({
    "llama, model.layers.1.self_attn.k_proj.weight, blk 1 attention k",
    "llama, model.layers.0.input_layernorm.weight, blk 0 attention norm",
    "llama, model.norm.weight, output norm",
    "llama, lm_head.weight, head",
    "llama, model.embed_tokens.weight, token embedding",
    "llama-biases, model.layers.1.mlp.up_proj.bias, blk 1 ffn up bias",
    "qwen2, model.layers.0.self_attn.v_proj.bias, blk 0 attention v bias",
    "qwen3, model.layers.1.self_attn.q_norm.weight, blk 1 attention q norm",
    "mixtral, model.layers.1.block_sparse_moe.experts.3.w2.weight, blk 1 expert 3 down",
  })
  void aMissingTensorIsNamed(String name, String tensor, String subject) throws IOException {
    try (TinyModel tiny = TinyModel.open(name, folder)) {
      Checkpoint lacking = only(tiny.checkpoint(), view -> !view.name().equals(tensor));
      assertThat(refusal(Refusal.MissingPart.class, lacking).subject()).isEqualTo(subject);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "config.intermediate_size, 41, model.layers.0.mlp.gate_proj.weight, 40",
    "config.hidden_size, 64, model.embed_tokens.weight, 32",
    "config.num_attention_heads, 8, model.layers.0.self_attn.q_proj.weight, 64",
    "config.num_key_value_heads, 4, model.layers.0.self_attn.k_proj.weight, 32",
    "config.head_dim, 32, model.layers.0.self_attn.q_proj.weight, 64",
  })
  void aShapeThatDoesNotFitIsNamed(String key, int value, String tensor, long found)
      throws IOException {
    try (TinyModel tiny = TinyModel.open("llama", folder)) {
      assertThat(refusal(Refusal.Inconsistent.class, with(tiny.checkpoint(), key, value)))
          .returns(tensor, Refusal::subject)
          .returns(found, Refusal.Inconsistent::found);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model.layers.2.input_layernorm.weight",
        "model.layers.0.self_attn.q_norm.weight",
        "model.layers.0.mlp.shared_expert.up_proj.weight",
        "model.layers.0.self_attn.q_proj.weight_scale",
        "model.norm.bias",
        "anything",
      })
  void aTensorWithoutUseIsNamed(String name) throws IOException {
    try (TinyModel tiny = TinyModel.open("llama", folder)) {
      Checkpoint more = and(tiny.checkpoint(), tensor(name, new float[16], 16));
      assertThat(refusal(Refusal.Unsupported.class, more).subject()).isEqualTo(name);
    }
  }

  @Test
  void buffersOfFrequenciesAreNoWeights() throws IOException {
    try (TinyModel tiny = TinyModel.open("llama", folder)) {
      Model plain = Model.of(tiny.checkpoint());
      Checkpoint more =
          and(
              tiny.checkpoint(),
              tensor("model.layers.0.self_attn.rotary_emb.inv_freq", new float[8], 8));
      assertThat(Model.of(more).hyperparameters()).isEqualTo(plain.hyperparameters());
    }
  }

  @Test
  void oneTensorForOnePlace() throws IOException {
    try (TinyModel tiny = TinyModel.open("llama", folder)) {
      Checkpoint more = and(tiny.checkpoint(), tensor("norm.weight", new float[32], 32));
      assertThat(refusal(Refusal.Duplicate.class, more).subject()).isEqualTo("norm.weight");
    }
  }

  @Test
  void integersAreNoWeights() throws IOException {
    try (TinyModel tiny = TinyModel.open("llama", folder)) {
      List<TensorView> tensors = new ArrayList<>(tiny.checkpoint().tensors());
      tensors.replaceAll(view ->
          view.name().equals("lm_head.weight")
              ? TensorView.stored(
                  view.name(), TensorType.I8, view.shape(), view.source(), 0, 32 * 32)
              : view);
      assertThat(refusal(Refusal.Unsupported.class, with(tiny.checkpoint(), tensors.stream())))
          .returns("lm_head.weight", Refusal::subject);
    }
  }

  @Test
  void aBiasOfOneProjectionIsAdded() throws IOException {
    try (TinyModel tiny = TinyModel.open("llama", folder)) {
      int[] tokens = tiny.golden().tokens();
      Checkpoint biased = tiny.checkpoint();
      float[] bias = new float[32];
      bias[5] = 3;
      for (int layer = 0; layer < 2; layer++) {
        biased =
            and(biased, tensor("model.layers.%d.self_attn.v_proj.bias".formatted(layer), bias, 32));
      }
      Map<StageKey, double[]> stages = stages(biased, tokens);
      double[] product = Objects.requireNonNull(stages.get(StageKey.of(Stage.QKV_MATMUL, 0)));
      double[] sum = Objects.requireNonNull(stages.get(StageKey.of(Stage.QKV_BIAS, 0)));
      for (int i = 0; i < product.length; i++) {
        float expected = (float) product[i] + (i % 128 == 96 + 5 ? 3 : 0);
        assertThat(sum[i]).isEqualTo(expected);
      }
      assertThat(stages.get(StageKey.of(Stage.LM_HEAD, StageKey.NO_LAYER)))
          .isNotEqualTo(
              stages(tiny.checkpoint(), tokens).get(StageKey.of(Stage.LM_HEAD, StageKey.NO_LAYER)));
    }
  }

  private static Map<StageKey, double[]> stages(Checkpoint checkpoint, int[] tokens)
      throws IOException {
    Captured<MemorySegment> captured = new Captured<>();
    try (ForwardPass<MemorySegment> pass =
        ForwardPass.open(Model.of(checkpoint), HostDevice.best(), DemoModel.options("f32", 64))) {
      pass.run(tokens, captured);
    }
    return captured.stages();
  }

  private Checkpoint gguf(TinyModel tiny) throws IOException {
    Path file = folder.resolve("model.gguf");
    Files.write(file, GgufForm.of(tiny));
    return CheckpointReader.open(file, Limits.DEFAULT);
  }

  @Test
  void storedRotaryFactorsMustFit() throws IOException {
    Path original = Files.createDirectory(folder.resolve("original"));
    try (TinyModel tiny = TinyModel.open("llama", original);
        Checkpoint plain = gguf(tiny)) {
      assertThat(
              refusal(
                  Refusal.Inconsistent.class,
                  and(plain, tensor("rope_freqs.weight", new float[7], 7))))
          .returns(7L, Refusal.Inconsistent::found)
          .returns(8L, Refusal.Inconsistent::expected);
      float[] factors = {1, 1, 1, 0, 1, 1, 1, 1};
      TensorView zero = tensor("rope_freqs.weight", factors, 8);
      assertThat(refusal(Refusal.Malformed.class, and(plain, zero)).offset())
          .isEqualTo(3 * Float.BYTES);
      TensorView again = tensor("rope_freqs", factors, 8);
      assertThat(refusal(Refusal.Duplicate.class, and(and(plain, zero), again)).subject())
          .isEqualTo("rope_freqs");
      TensorView bias = tensor("rope_freqs.bias", factors, 8);
      assertThat(refusal(Refusal.Unsupported.class, and(plain, bias)).subject())
          .isEqualTo("rope_freqs.bias");
    }
  }

  @Test
  void aStackHasAsManyExpertsAsAreDeclared() throws IOException {
    Path original = Files.createDirectory(folder.resolve("original"));
    try (TinyModel tiny = TinyModel.open("mixtral", original);
        Checkpoint plain = gguf(tiny)) {
      assertThat(refusal(Refusal.Inconsistent.class, with(plain, "llama.expert_count", 5)))
          .returns("blk.0.ffn_gate_exps.weight", Refusal::subject)
          .returns(4L * 16, Refusal.Inconsistent::found)
          .returns(5L * 16, Refusal.Inconsistent::expected);
    }
  }

  @Test
  void aTokenHasNoMoreExpertsThanAKernelKeeps() throws IOException {
    try (TinyModel tiny = TinyModel.open("mixtral", folder)) {
      Checkpoint many =
          with(
              with(tiny.checkpoint(), "config.num_local_experts", 200),
              "config.num_experts_per_tok",
              129);
      assertThat(refusal(Refusal.LimitExceeded.class, many))
          .returns(129L, Refusal.LimitExceeded::found)
          .returns(128L, Refusal.LimitExceeded::allowed);
    }
  }

  @Test
  void aBatchIsNoLongerThanCanBeCounted() throws IOException {
    try (TinyModel tiny = TinyModel.open("llama", folder)) {
      Model model = Model.of(tiny.checkpoint());
      PassOptions options = DemoModel.options("f32", 1 << 27);
      Refusal.LimitExceeded refusal =
          Objects.requireNonNull(
              catchThrowableOfType(
                  Refusal.LimitExceeded.class,
                  () -> ForwardPass.open(model, HostDevice.scalar(), options)));
      assertThat(refusal.found()).isEqualTo(1L << 31);
      assertThat(refusal.allowed()).isEqualTo(Integer.MAX_VALUE);
    }
  }

  @Test
  void aWindowThatSlidesIsTheMostPositions() throws IOException {
    try (TinyModel tiny = TinyModel.open("llama", folder)) {
      Model model = Model.of(with(tiny.checkpoint(), "config.sliding_window", 63));
      Refusal.LimitExceeded refusal =
          Objects.requireNonNull(
              catchThrowableOfType(
                  Refusal.LimitExceeded.class,
                  () ->
                      ForwardPass.open(model, HostDevice.scalar(), DemoModel.options("f32", 64))));
      assertThat(refusal.found()).isEqualTo(64);
      assertThat(refusal.allowed()).isEqualTo(63);
    }
  }

  /** Token 3 is NaN; the others come before it, or see it. */
  @ParameterizedTest
  @ValueSource(strings = {"mixtral", "qwen3-moe", "llama"})
  void aNaNIsPassedOn(String name) throws IOException {
    try (TinyModel tiny = TinyModel.open(name, folder)) {
      float[] embedding = new float[32 * 32];
      for (int i = 0; i < embedding.length; i++) {
        embedding[i] = i / 32 == 3 ? Float.NaN : (i * 7 % 13 - 6) / 4f;
      }
      String table = "model.embed_tokens.weight";
      Checkpoint broken =
          and(
              only(tiny.checkpoint(), view -> !view.name().equals(table)),
              tensor(table, embedding, 32, 32));
      StageKey last = StageKey.of(Stage.POST_FFN_RESIDUAL, 1);
      double[] clean = Objects.requireNonNull(stages(broken, new int[] {5, 9}).get(last));
      double[] rows = Objects.requireNonNull(stages(broken, new int[] {5, 9, 3, 5}).get(last));
      assertThat(rows).hasSize(4 * 32).startsWith(clean);
      assertThat(Arrays.stream(rows, 2 * 32, 4 * 32)).allMatch(value -> Double.isNaN(value));
      assertThat(Arrays.stream(stages(broken, new int[] {3}).get(last)))
          .allMatch(value -> Double.isNaN(value));
    }
  }
}
