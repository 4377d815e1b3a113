package dev.witnessmark.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.verdict.CouldNotCompare;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceRequestTest {

  private static List<String> plan(String stages, String layers) throws CouldNotCompare {
    return TraceRequest.parse(stages, layers).of(SmallModel.model()).keys().stream()
        .map(StageKey::name)
        .toList();
  }

  @Test
  void aPlanIsInForwardOrder() throws CouldNotCompare {
    assertThat(plan("lm_head,ffn_norm,embedding,attn_norm,final_norm", "0..2"))
        .containsExactly(
            "layer-0/embedding",
            "layer-0/attn_norm",
            "layer-0/ffn_norm",
            "layer-1/attn_norm",
            "layer-1/ffn_norm",
            "final_norm",
            "lm_head");
  }

  @Test
  void namesAreTrimmedFoldedAndCountOnce() throws CouldNotCompare {
    assertThat(plan(" Attn_Norm ,ATTN_NORM,layer_output, post_ffn_residual", "2..3"))
        .containsExactly("layer-2/attn_norm", "layer-2/post_ffn_residual");
  }

  @Test
  void allIsWhatTheModelHas() throws CouldNotCompare {
    List<String> all = plan("ALL", " all ");
    // Layer 0 has the embedding and 16 others: no bias; layer 1 has experts in place of an MLP.
    assertThat(all).hasSize(17 + 15 + 16 + 2);
    assertThat(all)
        .contains("layer-1/moe_router_indices", "layer-0/ffn_gate", "layer-0/embedding")
        .doesNotContain("layer-0/qkv_bias", "layer-1/ffn_gate", "layer-1/embedding");
  }

  @Test
  void wholeModelStagesDoNotDependOnLayers() throws CouldNotCompare {
    assertThat(plan("final_norm", "2..3")).containsExactly("final_norm");
  }

  @Test
  void aStageMayBeMissingInSomeOfTheLayers() throws CouldNotCompare {
    assertThat(plan("ffn_gate", "0..3")).containsExactly("layer-0/ffn_gate", "layer-2/ffn_gate");
  }

  @Test
  void thePlanAnswersByStageAndLayer() throws CouldNotCompare {
    TracePlan plan =
        TraceRequest.parse("embedding,ffn_norm,lm_head", "0..2").of(SmallModel.model());
    assertThat(plan.wants(Stage.FFN_NORM, 1)).isTrue();
    assertThat(plan.wants(Stage.FFN_NORM, 2)).isFalse();
    assertThat(plan.wants(Stage.ATTN_NORM, 1)).isFalse();
    assertThat(plan.wants(Stage.EMBEDDING, 0)).isTrue();
    assertThat(plan.wants(Stage.EMBEDDING, 1)).isFalse();
    assertThat(plan.wants(Stage.LM_HEAD, 17)).isTrue();
  }

  @Test
  void filesAreNamedByStage() {
    assertThat(Manifest.fileName(new StageKey(Stage.FFN_SWIGL, 11)))
        .isEqualTo("layer-11/ffn_swigl.bin");
    assertThat(Manifest.fileName(StageKey.of(Stage.LM_HEAD, 3))).isEqualTo("lm_head.bin");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  ", ",", "attn_norm,", "attn_norm,,ffn_out", "attn_norm, ,ffn_out"})
  void anEmptyNameIsRefused(String stages) {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> TraceRequest.parse(stages, "0..1"))
        .withMessageContaining("empty".repeat(stages.isBlank() ? 0 : 1))
        .withMessageContaining("ffn_swigl");
  }

  @Test
  void anUnknownNameIsRefusedWithTheKnownOnes() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> TraceRequest.parse("attn_norm,Ffn_Swiglu", "0..1"))
        .withMessageContaining("\"Ffn_Swiglu\"")
        .withMessageContaining("embedding")
        .withMessageContaining("lm_head")
        .withMessageContaining("layer_output");
  }

  @ParameterizedTest
  @CsvSource({
    "0..3, 0, 2",
    "1..2, 1, 1",
    "' 1 .. 3 ', 1, 2",
  })
  void layersAreHalfOpen(String layers, int first, int last) throws CouldNotCompare {
    List<String> plan = plan("attn_norm", layers);
    assertThat(plan.getFirst()).isEqualTo("layer-%d/attn_norm".formatted(first));
    assertThat(plan.getLast()).isEqualTo("layer-%d/attn_norm".formatted(last));
    assertThat(plan).hasSize(last - first + 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0",
        "0-3",
        "0..",
        "..3",
        "-1..3",
        "a..b",
        "0..3..5",
        "3..3",
        "5..2",
        "0..4294967296",
        "0,1",
        "0...3"
      })
  void otherLayersAreRefused(String layers) {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> TraceRequest.parse("all", layers))
        .withMessageContaining("\"" + layers + "\"");
  }

  @Test
  void layersThatTheModelDoesNotHaveAreRefused() {
    assertThatExceptionOfType(CouldNotCompare.class)
        .isThrownBy(() -> plan("all", "0..4"))
        .withMessageContaining("0..4")
        .withMessageContaining("3");
  }

  @ParameterizedTest
  @CsvSource({
    "qkv_bias, all",
    "ffn_gate, 1..2",
    "moe_router, 0..1",
    "embedding, 1..3",
    "'all,qkv_bias', all",
  })
  void stagesThatTheModelDoesNotHaveAreRefused(String stages, String layers) {
    assertThatExceptionOfType(CouldNotCompare.class)
        .isThrownBy(() -> plan(stages, layers))
        .withMessageContaining(stages.substring(stages.indexOf(',') + 1));
  }
}
