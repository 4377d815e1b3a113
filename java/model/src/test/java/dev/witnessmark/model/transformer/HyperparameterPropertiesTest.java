package dev.witnessmark.model.transformer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.model.Models;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.statistics.Statistics;

/** Whatever the metadata are, they are refused or make sizes that fit each other. */
class HyperparameterPropertiesTest {

  private static final List<String> GGUF =
      List.of(
          "block_count",
          "context_length",
          "embedding_length",
          "feed_forward_length",
          "attention.head_count",
          "attention.head_count_kv",
          "attention.key_length",
          "attention.value_length",
          "attention.sliding_window",
          "attention.layer_norm_rms_epsilon",
          "expert_count",
          "expert_used_count",
          "expert_feed_forward_length",
          "expert_weights_norm",
          "rope.dimension_count",
          "rope.freq_base",
          "rope.scaling.type",
          "rope.scaling.factor",
          "rope.scaling.attn_factor",
          "rope.scaling.yarn_beta_fast",
          "rope.scaling.original_context_length");

  private static final List<String> CONFIG =
      List.of(
          "num_hidden_layers",
          "max_position_embeddings",
          "hidden_size",
          "intermediate_size",
          "num_attention_heads",
          "num_key_value_heads",
          "head_dim",
          "sliding_window",
          "rms_norm_eps",
          "num_experts",
          "num_experts_per_tok",
          "moe_intermediate_size",
          "norm_topk_prob",
          "partial_rotary_factor",
          "rope_theta",
          "rope_scaling.rope_type",
          "rope_scaling.factor",
          "rope_scaling.low_freq_factor",
          "rope_scaling.high_freq_factor",
          "rope_scaling.attention_factor",
          "rope_scaling.mscale",
          "rope_scaling.mscale_all_dim",
          "rope_scaling.original_max_position_embeddings",
          "rope_parameters.beta_fast");

  @Provide
  Arbitrary<Map<String, MetadataValue>> ggufChanges() {
    return changes("qwen3moe.", GGUF);
  }

  @Provide
  Arbitrary<Map<String, MetadataValue>> configChanges() {
    return changes("config.", CONFIG);
  }

  private static Arbitrary<Map<String, MetadataValue>> changes(String prefix, List<String> keys) {
    return Arbitraries.maps(Arbitraries.of(keys).map(prefix::concat), value()).ofMaxSize(4);
  }

  private static Arbitrary<MetadataValue> value() {
    Arbitrary<MetadataValue> small =
        Arbitraries.integers().between(1, 130).map(n -> whole(BigInteger.valueOf(n)));
    Arbitrary<MetadataValue> power =
        Arbitraries.integers().between(0, 66).map(n -> whole(BigInteger.ONE.shiftLeft(n)));
    Arbitrary<MetadataValue> any = Arbitraries.bigIntegers().map(n -> whole(n));
    Arbitrary<MetadataValue> real =
        Arbitraries.oneOf(
                Arbitraries.doubles().between(0, 100),
                Arbitraries.doubles(),
                Arbitraries.of(Double.NaN, Double.POSITIVE_INFINITY, -0.0))
            .map(MetadataValue.Real::new);
    Arbitrary<MetadataValue> text =
        Arbitraries.of("linear", "yarn", "llama3", "none", "default", "dynamic", "8")
            .map(MetadataValue.Text::new);
    Arbitrary<MetadataValue> other =
        Arbitraries.of(
            new MetadataValue.Flag(false), new MetadataValue.Sequence("u32", 2, List.of(), 0, 8));
    return Arbitraries.frequencyOf(
        Tuple.of(6, small),
        Tuple.of(3, power),
        Tuple.of(1, any),
        Tuple.of(3, real),
        Tuple.of(3, text),
        Tuple.of(1, other));
  }

  private static MetadataValue whole(BigInteger value) {
    return new MetadataValue.Whole(value);
  }

  @Property
  void gguf(@ForAll("ggufChanges") Map<String, MetadataValue> changes) {
    check(
        Models.gguf("qwen3moe")
            .whole("qwen3moe.block_count", 2)
            .whole("qwen3moe.embedding_length", 32)
            .whole("qwen3moe.feed_forward_length", 40)
            .whole("qwen3moe.attention.head_count", 4)
            .real("qwen3moe.attention.layer_norm_rms_epsilon", 1e-5)
            .whole("qwen3moe.expert_used_count", 2)
            .tensor("token_embd.weight", 48, 32)
            .tensor("blk.0.ffn_gate_inp.weight", 6, 32),
        changes);
  }

  @Property
  void config(@ForAll("configChanges") Map<String, MetadataValue> changes) {
    check(
        Models.huggingFace()
            .text("config.model_type", "qwen3_moe")
            .whole("config.num_hidden_layers", 2)
            .whole("config.hidden_size", 32)
            .whole("config.intermediate_size", 40)
            .whole("config.num_attention_heads", 4)
            .real("config.rms_norm_eps", 1e-5)
            .whole("config.num_experts_per_tok", 2)
            .tensor("model.embed_tokens.weight", 48, 32)
            .tensor("model.layers.0.mlp.gate.weight", 6, 32),
        changes);
  }

  private static void check(Models model, Map<String, MetadataValue> changes) {
    changes.forEach(model::put);
    try {
      requireConsistent(Hyperparameters.of(model.checkpoint(), model.describe()));
      Statistics.collect("read");
    } catch (Refusal refusal) {
      assertThat(refusal.subject()).isNotBlank();
      Statistics.collect("refused");
    }
  }

  private static void requireConsistent(Hyperparameters sizes) {
    assertThat(sizes.heads() % sizes.keyValueHeads()).isZero();
    assertThat((long) sizes.queryElements()).isEqualTo((long) sizes.heads() * sizes.headSize());
    for (Stage stage : Stage.inLayer(sizes, 0)) {
      if (stage.isPerPosition()) {
        assertThat(stage.rowElements(sizes)).as(stage.id()).isPositive();
      }
    }
    SparseLayers sparse = sizes.sparse().orElseThrow();
    assertThat(sparse.used()).isBetween(1, sparse.experts());
    assertThat(sizes.rotary().rotated()).isEqualTo(sizes.headSize());
    if (sizes.headSize() <= 1 << 12) {
      assertThat(Arrays.stream(sizes.rotary().frequencies()))
          .hasSize(sizes.headSize() / 2)
          .allMatch(frequency -> frequency >= 0 && frequency < Double.POSITIVE_INFINITY);
    }
    assertThat(sizes.rotary().temperature()).isPositive().isLessThan(Double.POSITIVE_INFINITY);
  }
}
