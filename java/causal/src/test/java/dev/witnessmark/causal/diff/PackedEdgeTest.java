package dev.witnessmark.causal.diff;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.causal.testing.Golden;
import dev.witnessmark.causal.truth.Truth;
import dev.witnessmark.fingerprint.Projection;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class PackedEdgeTest {

  private static final JsonNode GOLDEN = Golden.json("edge64.json");

  static Projection projection(String label) {
    return Stream.of(Projection.values())
        .filter(each -> each.label().equals(label))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void packs() {
    assertThat(GOLDEN.get("pack").size()).isEqualTo(39);
    for (JsonNode golden : GOLDEN.get("pack")) {
      OptionalLong block =
          golden.get("block").isNull()
              ? OptionalLong.empty()
              : OptionalLong.of(golden.get("block").asLong());
      PackedEdge packed =
          PackedEdge.of(
              block,
              projection(golden.get("projection").asString()),
              Verb.valueOf(golden.get("verb").asString()),
              golden.get("row").asLong(),
              golden.get("l1").asLong(),
              golden.get("frequency").floatValue(),
              golden.get("confidence").floatValue());
      assertThat(packed.word()).isEqualTo(Golden.word(golden.get("packed")));
      // D11: what does not fit is lost, and said.
      assertThat(PackedEdge.fits(block, golden.get("row").asLong(), golden.get("l1").asLong()))
          .isEqualTo(golden.get("fields_fit").asBoolean());
      unpacks(packed, golden.get("unpacked"));
    }
  }

  @Test
  void unpacksAnyWord() {
    assertThat(GOLDEN.get("unpack").size()).isEqualTo(6);
    for (JsonNode golden : GOLDEN.get("unpack")) {
      unpacks(new PackedEdge(Golden.word(golden.get("word"))), golden);
    }
  }

  private static void unpacks(PackedEdge packed, JsonNode golden) {
    assertThat(packed.block()).isEqualTo(golden.get("block").asInt());
    assertThat(packed.projection().label()).isEqualTo(golden.get("projection").asString());
    assertThat(packed.verb().name()).isEqualTo(golden.get("verb").asString());
    assertThat(packed.row()).isEqualTo(golden.get("row").asInt());
    assertThat(packed.distance()).isEqualTo(golden.get("l1").asInt());
    assertThat(packed.frequency()).isEqualTo(golden.get("frequency").floatValue());
    assertThat(packed.confidence()).isEqualTo(golden.get("confidence").floatValue());
    assertThat(packed.truth())
        .isEqualTo(
            new Truth(
                golden.get("truth").get(0).floatValue(), golden.get("truth").get(1).floatValue()));
  }

  /** D11: the frequency of every distance below 545 is lost. */
  @Test
  void frequenciesOfSmallDistancesPackToZeroD11() {
    assertThat(packed(544).frequency()).isZero();
    assertThat(packed(545).frequency()).isPositive();
  }

  private static PackedEdge packed(long distance) {
    return PackedEdge.of(
        OptionalLong.of(0),
        Projection.Q,
        Verb.BECOMES,
        0,
        distance,
        Measure.BASE17.frequency((double) distance),
        0.99f);
  }
}
