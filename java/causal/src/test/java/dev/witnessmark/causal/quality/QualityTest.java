package dev.witnessmark.causal.quality;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.causal.diff.CausalResult;
import dev.witnessmark.causal.diff.HeadKey;
import dev.witnessmark.causal.testing.Golden;
import dev.witnessmark.causal.truth.Truth;
import dev.witnessmark.fingerprint.Projection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class QualityTest {

  private static final JsonNode GOLDEN = Golden.json("quality.json");

  private static final CausalResult FIRST = Golden.diff("base", "tuned", new ArrayList<>());
  private static final CausalResult SECOND = Golden.diff("base", "tuned2", new ArrayList<>());
  private static final CausalResult BETWEEN = Golden.diff("tuned", "tuned2", new ArrayList<>());
  private static final CausalResult SMALL =
      Golden.diff("small_base", "small_tuned", new ArrayList<>());

  private static HeadKey key(JsonNode row) {
    Projection projection =
        Stream.of(Projection.values())
            .filter(each -> each.label().equals(row.get(1).asString()))
            .findFirst()
            .orElseThrow();
    return new HeadKey(row.get(0).asLong(), projection);
  }

  private static Truth truth(JsonNode row, int at) {
    return new Truth(row.get(at).floatValue(), row.get(at + 1).floatValue());
  }

  private static List<JudgedHead> heads(JsonNode rows) {
    List<JudgedHead> heads = new ArrayList<>();
    for (JsonNode row : rows) {
      heads.add(
          new JudgedHead(key(row), HeadQuality.valueOf(row.get(2).asString()), truth(row, 3)));
    }
    return heads;
  }

  @Test
  void qualityOfEveryHead() {
    QualityMap map = QualityMap.of(FIRST, SECOND, SMALL);
    JsonNode golden = GOLDEN.get("head_quality_correct");
    assertThat(map.heads()).isEqualTo(heads(golden.get("heads")));
    assertThat(map.count(HeadQuality.GOOD)).isEqualTo(golden.get("good").asLong());
    assertThat(map.count(HeadQuality.BAD)).isEqualTo(golden.get("bad").asLong());
    assertThat(map.count(HeadQuality.UNCERTAIN)).isEqualTo(golden.get("uncertain").asLong());
    assertThat(map.count(HeadQuality.REVERTED)).isEqualTo(golden.get("reverted").asLong());
  }

  @Test
  void volatilityOfEveryHead() {
    VolatilityMap map = VolatilityMap.of(FIRST, SECOND, BETWEEN, SMALL);
    JsonNode golden = GOLDEN.get("volatility_correct");
    Map<HeadKey, Truth> expected = new HashMap<>();
    golden.get("scores").forEach(row -> expected.put(key(row), truth(row, 2)));
    assertThat(map.truths()).isEqualTo(expected);
    assertThat(map.scaffold()).isEqualTo(numbers(golden.get("scaffold_blocks")));
    assertThat(map.scaleInvariant()).isEqualTo(numbers(golden.get("scale_invariant")));
  }

  private static List<Long> numbers(JsonNode array) {
    List<Long> numbers = new ArrayList<>();
    array.forEach(each -> numbers.add(each.asLong()));
    return numbers;
  }

  /** Rounds start from the reference's quality, as golden data do. */
  @Test
  void beliefsAfterEachRound() {
    Beliefs beliefs =
        Beliefs.of(new QualityMap(heads(GOLDEN.get("head_quality_reference").get("heads"))));
    JsonNode rounds = Golden.json("lora.json").get("rounds");
    assertThat(rounds.size()).isEqualTo(4);
    for (JsonNode round : rounds) {
      if (round.has("feedback")) {
        Map<HeadKey, Float> scores = new HashMap<>();
        round.get("feedback").forEach(row -> scores.put(key(row), row.get(2).floatValue()));
        beliefs = beliefs.after(scores);
      }
      List<HeadBelief> expected = new ArrayList<>();
      for (JsonNode row : round.get("beliefs")) {
        expected.add(
            new HeadBelief(
                key(row),
                HeadQuality.valueOf(row.get(2).asString()),
                truth(row, 3),
                row.get(5).asInt(),
                HeadBelief.Action.valueOf(row.get(6).asString())));
      }
      assertThat(beliefs.heads()).isEqualTo(expected);
      ranks(beliefs, 64, round.get("ranks_max64"));
      ranks(beliefs, 16, round.get("ranks_max16"));
    }
  }

  private static void ranks(Beliefs beliefs, int most, JsonNode golden) {
    List<HeadBelief> sorted = beliefs.byRank(most);
    assertThat(sorted).hasSize(golden.size());
    for (int i = 0; i < sorted.size(); i++) {
      assertThat(sorted.get(i).head()).isEqualTo(key(golden.get(i)));
      assertThat(sorted.get(i).rank(most)).isEqualTo(golden.get(i).get(2).asInt());
    }
  }
}
