package dev.witnessmark.fingerprint;

import static dev.witnessmark.fingerprint.GoldenData.fingerprint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class FingerprintTest {

  private final JsonNode golden;
  private final List<Fingerprint> vectors;

  FingerprintTest() throws IOException {
    golden = GoldenData.json("base17/ops.json");
    vectors = golden.get("vectors").valueStream().map(GoldenData::fingerprint).toList();
  }

  private Fingerprint vector(JsonNode number) {
    return vectors.get(number.asInt());
  }

  @Test
  void distancesAreThoseOfTheGoldenPairs() {
    assertThat(golden.get("pairs").size()).isEqualTo(153);
    for (JsonNode pair : golden.get("pairs")) {
      Fingerprint a = vector(pair.get("a"));
      Fingerprint b = vector(pair.get("b"));
      assertThat(a.distance(b)).as("%s", pair).isEqualTo(pair.get("l1").asInt());
      assertThat(b.distance(a)).as("%s", pair).isEqualTo(pair.get("l1").asInt());
      assertThat(a.weightedDistance(b))
          .as("%s", pair)
          .isEqualTo(pair.get("l1_weighted_documented").asInt());
      assertThat(a.signAgreement(b)).as("%s", pair).isEqualTo(pair.get("sign_agreement").asInt());
    }
  }

  @Test
  void dimensionSixWeighsThreeD5() {
    short[] values = new short[17];
    values[6] = 100;
    assertThat(Fingerprint.of(values).weightedDistance(Fingerprint.ZERO)).isEqualTo(300);
  }

  @Test
  void theLargestDistanceIsThatOfOppositeEnds() {
    short[] lowest = new short[17];
    Arrays.fill(lowest, Short.MIN_VALUE);
    short[] highest = new short[17];
    Arrays.fill(highest, Short.MAX_VALUE);
    assertThat(Fingerprint.of(lowest).distance(Fingerprint.of(highest)))
        .isEqualTo(1_114_095)
        .isEqualTo(Fingerprint.LARGEST_DISTANCE);
  }

  @Test
  void theDistanceOfATripleIsThatOfItsPlanes() {
    JsonNode triple = golden.get("triple_l1");
    int sum = 0;
    for (int plane = 0; plane < 3; plane++) {
      int distance =
          vector(triple.get("a").get(plane)).distance(vector(triple.get("b").get(plane)));
      assertThat(distance).isEqualTo(triple.get("per_plane").get(plane).asInt());
      sum += distance;
    }
    assertThat(sum).isEqualTo(triple.get("sum").asInt());
  }

  @Test
  void bindingIsItsOwnInverse() {
    assertThat(golden.get("xor_bind").size()).isPositive();
    for (JsonNode bound : golden.get("xor_bind")) {
      Fingerprint a = vector(bound.get("a"));
      Fingerprint b = vector(bound.get("b"));
      assertThat(a.bind(b)).isEqualTo(fingerprint(bound.get("result")));
      assertThat(a.bind(b).bind(b)).isEqualTo(a);
      assertThat(a.bind(Fingerprint.ZERO)).isEqualTo(a);
    }
  }

  @Test
  void bundlesAreTruncatedMeans() {
    assertThat(golden.get("bundle").size()).isPositive();
    for (JsonNode bundle : golden.get("bundle")) {
      List<Fingerprint> members = bundle.get("members").valueStream().map(this::vector).toList();
      assertThat(Fingerprint.bundle(members))
          .as("%s", bundle)
          .isEqualTo(fingerprint(bundle.get("result")));
    }
  }

  @Test
  void permutationsRotate() {
    assertThat(golden.get("permute").size()).isPositive();
    for (JsonNode permuted : golden.get("permute")) {
      assertThat(vector(permuted.get("vector")).permuted(permuted.get("shift").asInt()))
          .as("%s", permuted)
          .isEqualTo(fingerprint(permuted.get("result")));
    }
  }

  @Test
  void bytesAreLittleEndian() {
    assertThat(HexFormat.of().formatHex(vectors.get(5).toBytes()))
        .isEqualTo(golden.get("bytes_of_vector_5").asString());
  }

  @Test
  void equalityIsByContent() {
    Fingerprint copy = Fingerprint.of(vectors.get(5).toArray());
    assertThat(copy).isEqualTo(vectors.get(5)).hasSameHashCodeAs(vectors.get(5));
    assertThat(copy).isNotEqualTo(vectors.get(6));
  }

  @Test
  void thereAreSeventeenNumbers() {
    assertThatIllegalArgumentException().isThrownBy(() -> Fingerprint.of(new short[16]));
  }
}
