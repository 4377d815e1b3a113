package dev.witnessmark.causal.diff;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.causal.testing.Golden;
import dev.witnessmark.causal.truth.Truth;
import dev.witnessmark.fingerprint.Projection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class RevisedTruthsTest {

  private static final JsonNode GOLDEN = Golden.json("revision.json");

  private static final List<CausalResult> DIFFS =
      List.of(
          Golden.diff("base", "tuned", new ArrayList<>()),
          Golden.diff("base", "tuned2", new ArrayList<>()),
          Golden.diff("tuned", "tuned2", new ArrayList<>()),
          Golden.diff("small_base", "small_tuned", new ArrayList<>()));

  @Test
  void afterEachDiff() {
    assertThat(GOLDEN.get("steps").size()).isEqualTo(4);
    for (JsonNode step : GOLDEN.get("steps")) {
      Map<Projection, Truth> truths =
          RevisedTruths.inOrder(DIFFS.subList(0, step.get("after").asInt())).byProjection();
      assertThat(truths).hasSize(step.get("truth").size());
      truths.forEach((projection, truth) -> {
        JsonNode expected = step.get("truth").get(projection.label());
        assertThat(truth).isEqualTo(truth(expected));
        assertThat(RevisedTruths.label(truth))
            .isEqualTo(expected.get("label_three_way").asString());
      });
    }
  }

  /** D10: the order of diffs matters unless their rows are pooled. */
  @Test
  void theOrderMattersUnlessPooledD10() {
    JsonNode reversed = GOLDEN.get("reference_in_reverse_order");
    RevisedTruths.inOrder(DIFFS.reversed())
        .byProjection()
        .forEach((projection, truth) -> {
          JsonNode expected = reversed.get(projection.label());
          assertThat(truth)
              .isEqualTo(new Truth(expected.get(0).floatValue(), expected.get(1).floatValue()));
        });
    Map<Projection, Truth> pooled = RevisedTruths.pooled(DIFFS).byProjection();
    assertThat(pooled).hasSize(GOLDEN.get("pooled_order_independent").size());
    pooled.forEach((projection, truth) ->
        assertThat(truth)
            .isEqualTo(truth(GOLDEN.get("pooled_order_independent").get(projection.label()))));
    assertThat(RevisedTruths.pooled(DIFFS.reversed()).byProjection()).isEqualTo(pooled);
  }

  /** D16: a projection without rows is not stable, it is not there. */
  @Test
  void absentProjectionsHaveNoTruthD16() {
    assertThat(RevisedTruths.inOrder(DIFFS.subList(0, 1)).byProjection())
        .doesNotContainKey(Projection.OTHER);
  }

  private static Truth truth(JsonNode golden) {
    return new Truth(golden.get("frequency").floatValue(), golden.get("confidence").floatValue());
  }
}
