package dev.witnessmark.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.testing.BytesSource;
import dev.witnessmark.model.transformer.StageKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NameMapTest {

  private static final String RULES =
      """
      // what a hook calls them

      model.layers.#.mlp.down_proj = ffn_out
      model.layers.#.output = layer-#/Layer_Output
      model.layers.1.mlp.down_proj=layer-7/ffn_out
      model.norm = final_norm
      embed = embedding
      model.layers.#.embed = embedding
      blk.#.ffn = ffn_norm
      """;

  private static NameMap map(String text) throws IOException {
    return NameMap.read(
        new BytesSource("names", text.getBytes(StandardCharsets.UTF_8)), Limits.DEFAULT);
  }

  private static String stage(NameMap map, String name) {
    return map.stage(name).map(StageKey::name).orElse("none");
  }

  @ParameterizedTest
  @CsvSource({
    "model.layers.12.mlp.down_proj, layer-12/ffn_out",
    "model.layers.03.mlp.down_proj, layer-3/ffn_out",
    "model.layers.0.output, layer-0/post_ffn_residual",
    "model.layers.1.mlp.down_proj, layer-7/ffn_out",
    "model.norm, final_norm",
    "embed, layer-0/embedding",
    "model.layers.0.embed, layer-0/embedding",
    "model.layers.1.embed, none",
    "model.layers.x.output, none",
    "model.layers..output, none",
    "model.layers.99999999999.output, none",
    "layer-4/attn_norm, layer-4/attn_norm",
    "lm_head, lm_head",
    "layer-1/lm_head, none",
    "attn_norm, none",
    "layer-1/embedding, none",
    "layer-01/attn_norm, none",
    "something, none",
  })
  void rulesAreFollowed(String name, String expected) throws IOException {
    assertThat(stage(map(RULES), name)).isEqualTo(expected);
  }

  @Test
  void anyNumberOfANameMayBeTheLayers() throws IOException {
    NameMap map = map("v2.h.#.c1 = ffn_up\n");
    assertThat(stage(map, "v2.h.5.c1")).isEqualTo("layer-5/ffn_up");
    assertThat(stage(map, "v3.h.5.c1")).isEqualTo("none");
  }

  @Test
  void jsonSaysTheSame() throws IOException {
    NameMap map = map(" \n{\"a = b.#\": \"ffn_out\", \"c\": \"lm_head\"}");
    assertThat(stage(map, "a = b.3")).isEqualTo("layer-3/ffn_out");
    assertThat(stage(map, "c")).isEqualTo("lm_head");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "= ffn_out",
        "a.#.b.# = ffn_out",
        "a = ffn_out",
        "a = layer-1/final_norm",
        "a.# = final_norm",
        "a.# = layer-3/ffn_out",
        "a = layer-#/ffn_out",
        "a = ",
        "a.# = ffn_swiglu",
        "{\"a\": 1}",
        "{\"a\": \"lm_head\"",
      })
  void rulesWithoutSenseAreRefused(String text) {
    assertThatExceptionOfType(Refusal.Malformed.class).isThrownBy(() -> map(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a = lm_head\na = final_norm", "{\"a\": \"lm_head\", \"a\": \"lm_head\"}"})
  void twoRulesForANameAreRefused(String text) {
    assertThatExceptionOfType(Refusal.Duplicate.class).isThrownBy(() -> map(text));
  }

  @Test
  void theLineIsNamed() {
    assertThatExceptionOfType(Refusal.Malformed.class)
        .isThrownBy(() -> map("a = lm_head\n\nb\n"))
        .satisfies(refusal -> assertThat(refusal.subject()).isEqualTo("line 3"));
  }

  @Test
  void onlyTextIsRead() {
    byte[] bytes = {'a', (byte) 0xFF, '=', 'b'};
    assertThatExceptionOfType(Refusal.Malformed.class)
        .isThrownBy(() -> NameMap.read(new BytesSource("names", bytes), Limits.DEFAULT));
  }
}
