package dev.witnessmark.causal.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.causal.testing.Golden;
import dev.witnessmark.causal.truth.Truth;
import dev.witnessmark.fingerprint.Fingerprint;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class BackwardTraceTest {

  /** D14: a trace swings between neighbours unless candidates come only once. */
  @Test
  void chainsWithAndWithoutRevisitingD14() {
    JsonNode golden = Golden.json("misc.json").get("reverse_trace");
    assertThat(golden.size()).isEqualTo(7);
    for (JsonNode each : golden) {
      List<Fingerprint> candidates = new ArrayList<>();
      each.get("candidates").forEach(row -> candidates.add(Golden.fingerprint(row)));
      Fingerprint effect = Golden.fingerprint(each.get("effect"));
      int depth = each.get("max_depth").asInt();
      long threshold = each.get("threshold").asLong();

      List<BackwardTrace.Step> expected = new ArrayList<>();
      for (JsonNode step : each.get("reference_chain")) {
        expected.add(
            new BackwardTrace.Step(
                step.get(0).asInt(),
                step.get(1).asInt(),
                new Truth(step.get(2).floatValue(), step.get(3).floatValue())));
      }
      assertThat(BackwardTrace.of(effect, candidates, depth, threshold, true).steps())
          .isEqualTo(expected);

      List<BackwardTrace.Step> once =
          BackwardTrace.of(effect, candidates, depth, threshold, false).steps();
      assertThat(once).hasSize(each.get("no_revisit_chain").size());
      for (int i = 0; i < once.size(); i++) {
        JsonNode step = each.get("no_revisit_chain").get(i);
        assertThat(once.get(i).candidate()).isEqualTo(step.get(0).asInt());
        assertThat(once.get(i).distance()).isEqualTo(step.get(1).asInt());
      }
    }
  }
}
