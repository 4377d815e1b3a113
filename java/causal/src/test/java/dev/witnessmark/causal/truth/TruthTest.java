package dev.witnessmark.causal.truth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.causal.testing.Golden;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Every rule on every golden pair, to the bit. */
class TruthTest {

  private static final JsonNode GOLDEN = Golden.json("nars.json");

  private static Truth truth(JsonNode numbers) {
    return new Truth(numbers.get(0).floatValue(), numbers.get(1).floatValue());
  }

  private static List<Truth> singles() {
    List<Truth> truths = new ArrayList<>();
    for (JsonNode each : GOLDEN.get("single")) {
      JsonNode input = each.get("input");
      truths.add(Truth.of(input.get(0).floatValue(), input.get(1).floatValue()));
    }
    return truths;
  }

  @Test
  void singleTruths() {
    List<Truth> truths = singles();
    assertThat(truths).hasSize(11);
    for (int i = 0; i < truths.size(); i++) {
      Truth truth = truths.get(i);
      JsonNode golden = GOLDEN.get("single").get(i);
      assertThat(truth).isEqualTo(truth(golden.get("truth")));
      assertThat(truth.expectation()).isEqualTo(golden.get("expectation").floatValue());
      JsonNode evidence = golden.get("evidence");
      assertThat(truth.evidence())
          .isEqualTo(new Evidence(evidence.get(0).floatValue(), evidence.get(1).floatValue()));
      assertThat(truth.positive()).isEqualTo(golden.get("positive").asBoolean());
      assertThat(truth.confident()).isEqualTo(golden.get("confident").asBoolean());
      assertThat(truth.negation()).isEqualTo(truth(golden.get("negation")));
      assertThat(truth.survivesNegation()).isEqualTo(golden.get("negation_survives").asBoolean());
      assertThat(truth.dependency()).isEqualTo(truth(golden.get("dependency")));
      assertThat(truth.survivesDependency())
          .isEqualTo(golden.get("dependency_survives").asBoolean());
    }
  }

  @Test
  void pairsOfTruths() {
    List<Truth> truths = singles();
    assertThat(GOLDEN.get("pairs").size()).isEqualTo(121);
    for (JsonNode golden : GOLDEN.get("pairs")) {
      Truth a = truths.get(golden.get("a").asInt());
      Truth b = truths.get(golden.get("b").asInt());
      assertThat(a.revised(b)).isEqualTo(truth(golden.get("revision")));
      assertThat(a.revisedByDiff(b)).isEqualTo(truth(golden.get("diff_revision")));
      assertThat(a.deduction(b)).isEqualTo(truth(golden.get("deduction")));
      assertThat(a.abduction(b)).isEqualTo(truth(golden.get("abduction")));
      assertThat(a.induction(b)).isEqualTo(truth(golden.get("induction")));
      assertThat(a.comparison(b)).isEqualTo(truth(golden.get("comparison")));
      assertThat(a.analogy(b)).isEqualTo(truth(golden.get("analogy")));
      assertThat(a.resemblance(b)).isEqualTo(truth(golden.get("resemblance")));
      JsonNode severity = golden.get("contradiction_severity");
      assertThat(a.contradiction(b))
          .isEqualTo(
              severity.isNull()
                  ? OptionalDouble.empty()
                  : OptionalDouble.of(severity.floatValue()));
    }
  }

  @Test
  void truthsFromEvidence() {
    assertThat(GOLDEN.get("from_evidence").size()).isEqualTo(6);
    for (JsonNode golden : GOLDEN.get("from_evidence")) {
      Evidence evidence =
          new Evidence(golden.get("positive").floatValue(), golden.get("negative").floatValue());
      assertThat(evidence.truth()).isEqualTo(truth(golden.get("truth")));
    }
  }
}
