package dev.witnessmark.model.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class StageKeyTest {

  @ParameterizedTest
  @EnumSource
  void aNameLeadsBackToItsStage(Stage stage) {
    int layer = stage.scope() == Stage.Scope.LAYER ? 12 : 0;
    StageKey key = StageKey.of(stage, layer);
    assertThat(StageKey.ofName(key.name())).contains(key);
    assertThat(key.name())
        .isEqualTo(
            switch (stage.scope()) {
              case FIRST_LAYER -> "layer-0/embedding";
              case LAYER -> "layer-12/" + stage.id();
              case MODEL -> stage.id();
            });
  }

  @Test
  void orderIsThatOfTheForwardPass() {
    List<StageKey> forward =
        List.of(
            new StageKey(Stage.EMBEDDING, 0),
            new StageKey(Stage.ATTN_NORM, 0),
            new StageKey(Stage.POST_FFN_RESIDUAL, 0),
            new StageKey(Stage.ATTN_NORM, 1),
            new StageKey(Stage.FFN_OUT, 1),
            new StageKey(Stage.ATTN_NORM, 10),
            StageKey.of(Stage.FINAL_NORM, 0),
            StageKey.of(Stage.LM_HEAD, 0));
    List<StageKey> shuffled = new ArrayList<>(forward);
    Collections.shuffle(shuffled, new Random(3));
    Collections.sort(shuffled);
    assertThat(shuffled).isEqualTo(forward);
  }

  @Test
  void layersThatNoModelHasAreWrong() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> new StageKey(Stage.EMBEDDING, 1));
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> new StageKey(Stage.FFN_OUT, -1));
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> new StageKey(Stage.LM_HEAD, 0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ffn_out",
        "layer-1/lm_head",
        "layer-1/embedding",
        "layer-01/ffn_out",
        "layer--1/ffn_out",
        "layer-1/FFN_OUT",
        "layer-1/layer_output",
        "layer-9999999999/ffn_out",
        "layer-1/ffn_out/",
        " layer-1/ffn_out",
        "layer-1/../lm_head"
      })
  void otherNamesAreNone(String name) {
    assertThat(StageKey.ofName(name)).isEmpty();
  }
}
