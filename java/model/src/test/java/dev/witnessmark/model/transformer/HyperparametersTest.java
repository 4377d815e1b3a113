package dev.witnessmark.model.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.FileFormat;
import dev.witnessmark.format.Metadata;
import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.model.ModelDescription;
import dev.witnessmark.model.Models;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HyperparametersTest {

  private static final MetadataValue PER_LAYER =
      new MetadataValue.Sequence("u32", 2, List.of(), 0, 8);

  private static Models gguf(String architecture) {
    return Models.gguf(architecture)
        .whole(architecture + ".block_count", 2)
        .whole(architecture + ".context_length", 128)
        .whole(architecture + ".embedding_length", 32)
        .whole(architecture + ".feed_forward_length", 40)
        .whole(architecture + ".attention.head_count", 4)
        .whole(architecture + ".attention.head_count_kv", 2)
        .real(architecture + ".attention.layer_norm_rms_epsilon", 1e-5)
        .tensor("token_embd.weight", 48, 32)
        .tensor("blk.0.attn_q.weight", 32, 32)
        .tensor("output.weight", 48, 32);
  }

  private static Models experts() {
    return gguf("qwen3moe")
        .whole("qwen3moe.expert_used_count", 2)
        .whole("qwen3moe.expert_feed_forward_length", 12)
        .tensor("blk.1.ffn_gate_inp.weight", 6, 32);
  }

  private static Models config(String type) {
    return Models.huggingFace()
        .text("config.model_type", type)
        .whole("config.num_hidden_layers", 2)
        .whole("config.max_position_embeddings", 128)
        .whole("config.hidden_size", 32)
        .whole("config.intermediate_size", 40)
        .whole("config.num_attention_heads", 4)
        .whole("config.num_key_value_heads", 2)
        .real("config.rms_norm_eps", 1e-6)
        .tensor("model.embed_tokens.weight", 48, 32)
        .tensor("model.layers.0.self_attn.q_proj.weight", 32, 32)
        .tensor("lm_head.weight", 48, 32);
  }

  private static Models llama(String ecosystem) {
    return ecosystem.equals("gguf") ? gguf("llama") : config("llama");
  }

  private static Hyperparameters read(Models model) throws Refusal {
    return Hyperparameters.of(model.checkpoint(), model.describe());
  }

  private static <R extends Refusal> R refusal(Class<R> kind, Models model) {
    return Objects.requireNonNull(catchThrowableOfType(kind, () -> read(model)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gguf", "config"})
  void sizesAreRead(String ecosystem) throws Refusal {
    Hyperparameters sizes = read(llama(ecosystem));
    assertThat(sizes)
        .isEqualTo(
            new Hyperparameters(
                "llama",
                2,
                32,
                4,
                2,
                8,
                40,
                48,
                128,
                Integer.MAX_VALUE,
                ecosystem.equals("gguf") ? 1e-5 : 1e-6,
                new RotaryPlan(ecosystem.equals("gguf"), 8, 10_000, new RotaryScaling.None()),
                false,
                false,
                false,
                Optional.empty()));
    assertThat(sizes.queryElements()).isEqualTo(32);
    assertThat(sizes.keyElements()).isEqualTo(16);
  }

  @Test
  void keyValueHeadsAreAsManyAsHeadsWhereNothingIsSaid() throws Refusal {
    assertThat(read(config("llama").without("config.num_key_value_heads")).keyValueHeads())
        .isEqualTo(4);
    assertThat(read(gguf("llama").without("llama.attention.head_count_kv")).keyValueHeads())
        .isEqualTo(4);
  }

  @ParameterizedTest
  @CsvSource({"llama, false", "mistral, false", "qwen3, true", "qwen3_moe, true"})
  void normsOfHeadsBelongToArchitectures(String type, boolean norms) throws Refusal {
    assertThat(read(config(type)).headNorms()).isEqualTo(norms);
    assertThat(read(config(type)).qkvBias()).isFalse();
  }

  @Test
  void anyOfTheThreeBiasesCounts() throws Refusal {
    assertThat(read(config("llama").tensor("model.layers.0.self_attn.k_proj.bias", 16)).qkvBias())
        .isTrue();
  }

  @Test
  void aDeclaredBiasMustBeThere() {
    assertThat(refusal(Refusal.MissingPart.class, gguf("qwen2")).subject())
        .isEqualTo("attention q bias");
    Models attention = config("llama").flag("config.attention_bias", true);
    for (String part : List.of("q", "k", "v")) {
      attention.tensor("model.layers.0.self_attn." + part + "_proj.bias", 32);
    }
    assertThat(refusal(Refusal.MissingPart.class, attention).subject())
        .isEqualTo("attention o bias");
    assertThat(
            refusal(Refusal.MissingPart.class, config("llama").flag("config.mlp_bias", true))
                .subject())
        .isEqualTo("ffn gate bias");
  }

  @ParameterizedTest
  @CsvSource({
    "gguf, general.architecture, 'llama, qwen2, qwen3, qwen3moe'",
    "config, config.model_type, 'llama, mistral, mixtral, qwen2, qwen3, qwen3_moe'",
  })
  void anUnknownArchitectureIsNamedBesideTheKnownOnes(String ecosystem, String key, String known) {
    Models model = ecosystem.equals("gguf") ? gguf("frobnicate") : config("frobnicate");
    Refusal.Unsupported refusal = refusal(Refusal.Unsupported.class, model);
    assertThat(refusal.subject()).isEqualTo(key);
    assertThat(refusal.detail()).contains("frobnicate").endsWith(known);
  }

  @Test
  void namesOfOneEcosystemAreNotThoseOfTheOther() {
    assertThat(refusal(Refusal.Unsupported.class, gguf("mistral")).subject())
        .isEqualTo("general.architecture");
    assertThat(refusal(Refusal.Unsupported.class, config("qwen3moe")).subject())
        .isEqualTo("config.model_type");
  }

  @Test
  void anArchitectureThatIsNotSaidIsAMissingPart() {
    assertThat(refusal(Refusal.MissingPart.class, Models.huggingFace()).subject())
        .isEqualTo("config.model_type");
  }

  @Test
  void onnxHasNoForwardPass() {
    Checkpoint onnx =
        new Checkpoint(
            Path.of("model.onnx"),
            FileFormat.ONNX,
            "",
            new Metadata(Map.of()),
            List.of(),
            List.of());
    assertThatThrownBy(() -> Hyperparameters.of(onnx, ModelDescription.of(onnx)))
        .isInstanceOf(Refusal.Unsupported.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama.block_count",
        "llama.embedding_length",
        "llama.feed_forward_length",
        "llama.attention.head_count",
        "llama.attention.layer_norm_rms_epsilon",
        "config.num_hidden_layers",
        "config.hidden_size",
        "config.intermediate_size",
        "config.num_attention_heads",
        "config.rms_norm_eps",
      })
  void aMissingKeyIsNamedWithARemedy(String key) {
    Refusal.MissingPart refusal =
        refusal(Refusal.MissingPart.class, llama(ecosystem(key)).without(key));
    assertThat(refusal.subject()).isEqualTo(key);
    assertThat(refusal.detail()).contains("--set " + key + "=");
  }

  private static String ecosystem(String key) {
    return key.startsWith("config.") ? "config" : "gguf";
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama.block_count",
        "llama.context_length",
        "llama.embedding_length",
        "llama.attention.head_count",
        "llama.attention.head_count_kv",
        "llama.attention.key_length",
        "llama.attention.sliding_window",
        "config.head_dim",
        "config.hidden_size",
        "config.num_key_value_heads",
        "config.max_position_embeddings",
        "config.sliding_window",
      })
  void sizesThatCannotBeAreRefused(String key) {
    UnaryOperator<Models> none = model -> model.whole(key, 0);
    assertThat(refusal(Refusal.Inconsistent.class, none.apply(llama(ecosystem(key)))))
        .returns(0L, Refusal.Inconsistent::found)
        .returns(1L, Refusal.Inconsistent::expected)
        .returns(key, Refusal::subject);
    assertThat(refusal(Refusal.Inconsistent.class, llama(ecosystem(key)).whole(key, -7)).found())
        .isEqualTo(-7);
    BigInteger huge = BigInteger.TWO.pow(70);
    assertThat(
            refusal(
                    Refusal.LimitExceeded.class,
                    llama(ecosystem(key)).put(key, new MetadataValue.Whole(huge)))
                .subject())
        .isEqualTo(key);
    assertThat(refusal(Refusal.Unsupported.class, llama(ecosystem(key)).text(key, "8")).subject())
        .isEqualTo(key);
    assertThat(refusal(Refusal.Unsupported.class, llama(ecosystem(key)).real(key, 8)).subject())
        .isEqualTo(key);
    assertThat(
            refusal(Refusal.Unsupported.class, llama(ecosystem(key)).put(key, PER_LAYER)).subject())
        .isEqualTo(key);
  }

  @ParameterizedTest
  @CsvSource({
    "llama.block_count, 4097, 4096",
    "llama.embedding_length, 16777217, 16777216",
    "llama.attention.head_count, 65537, 65536",
    "config.num_hidden_layers, 4097, 4096",
    "config.num_attention_heads, 65537, 65536",
  })
  void hugeSizesAreRefused(String key, long size, long limit) {
    assertThat(refusal(Refusal.LimitExceeded.class, llama(ecosystem(key)).whole(key, size)))
        .returns(size, Refusal.LimitExceeded::found)
        .returns(limit, Refusal.LimitExceeded::allowed);
  }

  /** The product would be 0 in 32 bits. */
  @ParameterizedTest
  @CsvSource({
    "llama.attention.head_count, llama.attention.key_length",
    "config.num_attention_heads, config.head_dim"
  })
  void theProductOfHeadsAndTheirSizeDoesNotOverflow(String heads, String size) {
    Models model = llama(ecosystem(heads)).whole(heads, 1 << 16).whole(size, 1 << 16);
    assertThat(refusal(Refusal.LimitExceeded.class, model))
        .returns(1L << 32, Refusal.LimitExceeded::found)
        .returns(1L << 24, Refusal.LimitExceeded::allowed)
        .returns(size, Refusal::subject);
  }

  @Test
  void headsMustDivide() throws Refusal {
    assertThat(
            refusal(
                Refusal.Inconsistent.class,
                gguf("llama").whole("llama.attention.head_count_kv", 3)))
        .returns(1L, Refusal.Inconsistent::found)
        .returns(0L, Refusal.Inconsistent::expected);
    Models five =
        config("llama")
            .whole("config.num_attention_heads", 5)
            .whole("config.num_key_value_heads", 5);
    assertThat(refusal(Refusal.Inconsistent.class, five))
        .returns(2L, Refusal.Inconsistent::found)
        .returns("config.head_dim", Refusal::subject);
    // More heads than elements: no head may have none.
    assertThat(
            refusal(
                    Refusal.Inconsistent.class,
                    config("llama").whole("config.num_attention_heads", 64))
                .found())
        .isEqualTo(32);
    assertThat(read(five.whole("config.head_dim", 6)).queryElements()).isEqualTo(30);
  }

  @Test
  void valuesAreAsLongAsKeys() {
    assertThat(
            refusal(
                Refusal.Inconsistent.class,
                gguf("llama").whole("llama.attention.value_length", 16)))
        .returns(16L, Refusal.Inconsistent::found)
        .returns(8L, Refusal.Inconsistent::expected);
  }

  @Test
  void rotaryTurnsWholeHeadsOfPairs() {
    assertThat(
            refusal(
                Refusal.Inconsistent.class, gguf("llama").whole("llama.rope.dimension_count", 4)))
        .returns(4L, Refusal.Inconsistent::found)
        .returns(8L, Refusal.Inconsistent::expected);
    for (double factor : new double[] {0.5, -1, Double.NaN, 1e300}) {
      assertThat(
              refusal(
                      Refusal.Inconsistent.class,
                      config("llama").real("config.partial_rotary_factor", factor))
                  .expected())
          .isEqualTo(8);
    }
    assertThat(refusal(Refusal.Inconsistent.class, config("qwen3").whole("config.head_dim", 7)))
        .returns(1L, Refusal.Inconsistent::found)
        .returns(0L, Refusal.Inconsistent::expected);
  }

  @Test
  void aWindowThatSlidesIsALimit() throws Refusal {
    assertThat(read(gguf("llama").whole("llama.attention.sliding_window", 64)).longest())
        .isEqualTo(64);
    Models mistral = config("mistral").whole("config.sliding_window", 64);
    assertThat(read(mistral).longest()).isEqualTo(64);
    assertThat(read(mistral.flag("config.use_sliding_window", false)).longest())
        .isEqualTo(Integer.MAX_VALUE);
    assertThat(
            refusal(Refusal.Unsupported.class, mistral.text("config.use_sliding_window", "no"))
                .subject())
        .isEqualTo("config.use_sliding_window");
    assertThat(read(config("llama").text("config.rope_scaling.type", "dynamic")).longest())
        .isEqualTo(128);
  }

  @Test
  void otherActivationsAreNamed() {
    assertThat(
            refusal(Refusal.Unsupported.class, config("llama").text("config.hidden_act", "gelu")))
        .returns("config.hidden_act", Refusal::subject)
        .extracting(Refusal::detail)
        .asString()
        .contains("gelu");
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1e-5, 1, Double.NaN, Double.POSITIVE_INFINITY})
  void noEpsilonButSmallOnes(double epsilon) {
    assertThat(
            refusal(Refusal.Unsupported.class, config("llama").real("config.rms_norm_eps", epsilon))
                .subject())
        .isEqualTo("config.rms_norm_eps");
  }

  @Test
  void theEmbeddingHasRows() {
    assertThat(refusal(Refusal.MissingPart.class, withoutEmbedding()).subject())
        .isEqualTo("token embedding");
    assertThat(
            refusal(
                Refusal.LimitExceeded.class,
                withoutEmbedding().tensor("token_embd.weight", (1 << 24) + 1, 32)))
        .returns((1L << 24) + 1, Refusal.LimitExceeded::found)
        .returns(1L << 24, Refusal.LimitExceeded::allowed);
  }

  private static Models withoutEmbedding() {
    return Models.gguf("llama")
        .whole("llama.block_count", 1)
        .whole("llama.embedding_length", 32)
        .whole("llama.feed_forward_length", 40)
        .whole("llama.attention.head_count", 4);
  }

  @Test
  void expertsAreRead() throws Refusal {
    assertThat(read(experts().whole("qwen3moe.expert_count", 6)).sparse())
        .contains(new SparseLayers(6, 2, 12, true, Set.of(1)));
    assertThat(read(experts().flag("qwen3moe.expert_weights_norm", false)).sparse())
        .hasValueSatisfying(sparse -> assertThat(sparse.normalised()).isFalse());
  }

  @Test
  void theNumberOfExpertsIsThatOfTheRoutersRowsWhereNothingIsSaid() throws Refusal {
    assertThat(read(experts()).sparse().orElseThrow().experts()).isEqualTo(6);
    Models mixtral =
        config("mixtral")
            .whole("config.num_experts_per_tok", 2)
            .tensor("model.layers.0.block_sparse_moe.gate.weight", 5, 32);
    assertThat(read(mixtral).sparse()).contains(new SparseLayers(5, 2, 40, true, Set.of(0)));
    assertThat(read(mixtral).rotary().theta()).isEqualTo(1_000_000);
  }

  @Test
  void theWidthOfAnExpertIsThatOfItsMatricesWhereNothingIsSaid() throws Refusal {
    Models model = experts().without("qwen3moe.expert_feed_forward_length");
    assertThat(read(model.tensor("blk.0.ffn_down_exps.weight", 6, 32, 20)).sparse().orElseThrow())
        .returns(20, SparseLayers::intermediate);
  }

  @Test
  void howManyExpertsAreUsedMustBeSaid() throws Refusal {
    Models model = experts().without("qwen3moe.expert_used_count");
    Refusal.MissingPart refusal = refusal(Refusal.MissingPart.class, model);
    assertThat(refusal.subject()).isEqualTo("qwen3moe.expert_used_count");
    assertThat(refusal.detail()).contains("--set qwen3moe.expert_used_count=");
    Checkpoint lacking = model.checkpoint();
    Checkpoint said =
        lacking.with(experts().whole("qwen3moe.expert_used_count", 3).checkpoint().metadata());
    assertThat(Hyperparameters.of(said, ModelDescription.of(said)).sparse().orElseThrow().used())
        .isEqualTo(3);
  }

  @Test
  void noMoreExpertsAreUsedThanThereAre() {
    assertThat(
            refusal(Refusal.Inconsistent.class, experts().whole("qwen3moe.expert_used_count", 7)))
        .returns(7L, Refusal.Inconsistent::found)
        .returns(6L, Refusal.Inconsistent::expected);
    assertThat(
            refusal(Refusal.LimitExceeded.class, experts().whole("qwen3moe.expert_count", 1 << 17)))
        .returns(1L << 17, Refusal.LimitExceeded::found)
        .returns(1L << 16, Refusal.LimitExceeded::allowed);
    assertThat(
            refusal(Refusal.Unsupported.class, experts().real("qwen3moe.expert_weights_scale", 2.5))
                .subject())
        .isEqualTo("qwen3moe.expert_weights_scale");
  }

  @Test
  void oneWidthIsEnoughWhereAllLayersAreSparse() throws Refusal {
    Models model = experts().tensor("blk.0.ffn_gate_inp.weight", 6, 32);
    assertThat(read(model.without("qwen3moe.feed_forward_length")).intermediate()).isEqualTo(12);
  }

  // Rotary scaling.

  private static RotaryScaling scaling(Models model) throws Refusal {
    return read(model).rotary().scaling();
  }

  @ParameterizedTest
  @ValueSource(strings = {"config.rope_scaling.", "config.rope_parameters."})
  void bothFormsOfConfigAreRead(String folder) throws Refusal {
    Models model =
        config("llama")
            .text(folder + "rope_type", "llama3")
            .real(folder + "factor", 8)
            .real(folder + "low_freq_factor", 1)
            .real(folder + "high_freq_factor", 4)
            .whole(folder + "original_max_position_embeddings", 64)
            .real(folder + "rope_theta", 500);
    assertThat(read(model).rotary())
        .isEqualTo(new RotaryPlan(false, 8, 500, new RotaryScaling.Llama3(8, 1, 4, 64)));
    assertThat(
            refusal(Refusal.Unsupported.class, model.real(folder + "high_freq_factor", 1))
                .subject())
        .isEqualTo("config.rope_parameters.low_freq_factor");
    assertThat(
            refusal(
                    Refusal.MissingPart.class,
                    model
                        .without(folder + "original_max_position_embeddings")
                        .real(folder + "high_freq_factor", 4))
                .subject())
        .isEqualTo("config.rope_parameters.original_max_position_embeddings");
  }

  @Test
  void theOlderNameOfTheTypeIsRead() throws Refusal {
    Models model =
        config("llama").text("config.rope_scaling.type", "linear").real("config.rope_theta", 5000);
    assertThat(refusal(Refusal.MissingPart.class, model).subject())
        .isEqualTo("config.rope_parameters.factor");
    assertThat(read(model.whole("config.rope_scaling.factor", 4)).rotary())
        .isEqualTo(new RotaryPlan(false, 8, 5000, new RotaryScaling.Linear(4)));
    assertThat(refusal(Refusal.MissingPart.class, model.without("config.rope_scaling.type")))
        .returns("config.rope_parameters.rope_type", Refusal::subject);
  }

  @ParameterizedTest
  @CsvSource({
    "config.rope_scaling.rope_type, config.rope_parameters",
    "config.rope_parameters.type, config.rope_parameters",
    "llama.rope.scaling.type, llama.rope.scaling.type",
  })
  void anUnknownScalingIsNamed(String key, String subject) {
    Refusal.Unsupported refusal =
        refusal(Refusal.Unsupported.class, llama(ecosystem(key)).text(key, "longrope"));
    assertThat(refusal.subject()).isEqualTo(subject);
    assertThat(refusal.detail()).contains("longrope");
    assertThat(refusal(Refusal.Unsupported.class, llama(ecosystem(key)).whole(key, 1)).subject())
        .isEqualTo(key);
  }

  private static Models yarn() {
    return config("llama")
        .text("config.rope_scaling.rope_type", "yarn")
        .real("config.rope_scaling.factor", 4);
  }

  @Test
  void yarnHasWhatThePaperHasWhereNothingIsSaid() throws Refusal {
    double usual = 0.1 * StrictMath.log(4) + 1;
    assertThat(scaling(yarn())).isEqualTo(new RotaryScaling.Yarn(4, 128, 32, 1, usual));
    assertThat(scaling(yarn().real("config.rope_scaling.factor", 0.5)))
        .isEqualTo(new RotaryScaling.Yarn(0.5, 128, 32, 1, 1));
    assertThat(
            scaling(
                yarn()
                    .without("config.max_position_embeddings")
                    .whole("config.rope_scaling.original_max_position_embeddings", 32)
                    .real("config.rope_scaling.attention_factor", 1.5)
                    .whole("config.rope_scaling.beta_fast", 16)
                    .real("config.rope_scaling.beta_slow", 2)))
        .isEqualTo(new RotaryScaling.Yarn(4, 32, 16, 2, 1.5));
  }

  @ParameterizedTest
  @CsvSource({
    "factor, 0",
    "factor, -4",
    "factor, Infinity",
    "beta_fast, 0",
    "beta_fast, NaN",
    "beta_slow, -1",
    "beta_slow, 32",
    "attention_factor, 0",
    "attention_factor, Infinity",
    "mscale, NaN",
  })
  void numbersOfYarnThatCannotBeAreRefused(String key, double value) {
    Models model = yarn().real("config.rope_scaling.mscale_all_dim", 1);
    refusal(Refusal.Unsupported.class, model.real("config.rope_scaling." + key, value));
  }

  @Test
  void yarnWithoutTruncationIsRefused() throws Refusal {
    scaling(yarn().flag("config.rope_scaling.truncate", true));
    assertThat(
            refusal(Refusal.Unsupported.class, yarn().flag("config.rope_scaling.truncate", false))
                .subject())
        .isEqualTo("config.rope_scaling.truncate");
  }

  @Test
  void anyNumberOfRotaryEmbeddingMustBeOne() {
    assertThat(
            refusal(Refusal.Unsupported.class, config("llama").text("config.rope_theta", "1e4"))
                .subject())
        .isEqualTo("config.rope_theta");
    assertThat(
            refusal(Refusal.Unsupported.class, gguf("llama").text("llama.rope.freq_base", "1e4"))
                .subject())
        .isEqualTo("llama.rope.freq_base");
    for (double base : new double[] {1, 0, -10, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThat(
              refusal(Refusal.Unsupported.class, gguf("llama").real("llama.rope.freq_base", base))
                  .subject())
          .isEqualTo("rotary base");
    }
  }

  @Test
  void scalingOfGguf() throws Refusal {
    Models none = gguf("llama").text("llama.rope.scaling.type", "none");
    assertThat(scaling(none.real("llama.rope.scaling.factor", 4)))
        .isEqualTo(new RotaryScaling.None());
    assertThat(scaling(gguf("llama").real("llama.rope.scaling.factor", 4)))
        .isEqualTo(new RotaryScaling.Linear(4));
    assertThat(scaling(gguf("llama").real("llama.rope.scale_linear", 2)))
        .isEqualTo(new RotaryScaling.Linear(2));
    assertThat(scaling(gguf("llama").real("llama.rope.scaling.factor", 0)))
        .isEqualTo(new RotaryScaling.None());
    refusal(Refusal.Unsupported.class, gguf("llama").real("llama.rope.scaling.factor", -1));
    refusal(Refusal.Unsupported.class, gguf("llama").real("llama.rope.scaling.attn_factor", 1.2));
    Models stored = gguf("llama").tensor("rope_freqs.weight", 4);
    assertThat(scaling(stored)).isEqualTo(new RotaryScaling.None());
    refusal(Refusal.Unsupported.class, stored.real("llama.rope.scaling.factor", 4));
  }

  @Test
  void yarnOfGguf() throws Refusal {
    Models model =
        gguf("llama")
            .text("llama.rope.scaling.type", "yarn")
            .real("llama.rope.scaling.factor", 4)
            .whole("llama.rope.scaling.original_context_length", 32);
    double usual = 0.1 * StrictMath.log(4) + 1;
    assertThat(scaling(model)).isEqualTo(new RotaryScaling.Yarn(4, 32, 32, 1, usual));
    assertThat(
            scaling(
                model
                    .without("llama.rope.scaling.original_context_length")
                    .real("llama.rope.scaling.attn_factor", 0.5)
                    .real("llama.rope.scaling.yarn_beta_fast", 8)
                    .real("llama.rope.scaling.yarn_beta_slow", 2)))
        .isEqualTo(new RotaryScaling.Yarn(4, 128, 8, 2, usual / 2));
    refusal(Refusal.Unsupported.class, model.real("llama.rope.scaling.yarn_ext_factor", 0.5));
  }
}
