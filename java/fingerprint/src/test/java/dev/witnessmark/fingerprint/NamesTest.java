package dev.witnessmark.fingerprint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

class NamesTest {

  static Stream<JsonNode> cases() throws IOException {
    JsonNode cases = GoldenData.json("names/classification.json").get("cases");
    assertThat(cases.size()).isGreaterThan(60);
    return cases.valueStream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void namesMeanWhatTheGoldenTableSays(JsonNode golden) {
    String name = golden.get("name").asString();
    long[] dimensions = golden.get("dims").valueStream().mapToLong(JsonNode::asLong).toArray();
    LayerType type = LayerType.of(name, dimensions);
    assertThat(type.label()).isEqualTo(golden.get("layer_type").asString());
    assertThat(type.indexed()).isEqualTo(golden.get("indexed").asBoolean());
    assertThat(Projection.of(name).label()).isEqualTo(golden.get("projection").asString());
    assertThat(BlockNumber.of(name))
        .isEqualTo(
            golden.get("block").isNull()
                ? OptionalLong.empty()
                : OptionalLong.of(golden.get("block").asLong()));
    assertThat(RouterName.matches(name)).isEqualTo(golden.get("router_match_correct").asBoolean());
  }

  @Test
  void aProductBeyondAllNumbersIsLarge() {
    assertThat(LayerType.of("q_proj", 1L << 40, 1L << 40)).isEqualTo(LayerType.ATTENTION);
    assertThat(LayerType.of("q_proj", Long.MAX_VALUE, 2)).isEqualTo(LayerType.ATTENTION);
    assertThat(LayerType.of("q_proj", Long.MAX_VALUE, 2, 0)).isEqualTo(LayerType.SKIP);
  }

  @Test
  void aTensorWithoutDimensionsHasOneValue() {
    assertThat(LayerType.of("q_proj")).isEqualTo(LayerType.SKIP);
  }

  @ParameterizedTest
  @CsvSource({
    "blk.4294967295.x, 4294967295",
    "blk.4294967296.x, ",
    "blk.0000000000012.x, 12",
    "blk.-1.x, ",
    "blk.99999999999999999999.x, ",
    "blk..x, "
  })
  void blockNumbersAreUnsignedNumbersOf32Bits(String name, @Nullable Long expected) {
    assertThat(BlockNumber.of(name))
        .isEqualTo(expected == null ? OptionalLong.empty() : OptionalLong.of(expected));
  }

  @Test
  void codesLeadBackToWhatTheyStandFor() {
    for (LayerType type : LayerType.values()) {
      assertThat(LayerType.ofCode(type.code())).isEqualTo(type);
    }
    assertThat(LayerType.ofCode(6)).isEqualTo(LayerType.SKIP);
    assertThat(LayerType.ofCode(255)).isEqualTo(LayerType.SKIP);
    for (Projection projection : Projection.values()) {
      assertThat(Projection.ofCode(projection.code())).isEqualTo(projection);
    }
    assertThat(Projection.ofCode(15)).isEqualTo(Projection.OTHER);
  }
}
