package dev.witnessmark.causal.palette;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.witnessmark.causal.diff.CausalResult;
import dev.witnessmark.causal.quality.QualityMap;
import dev.witnessmark.causal.testing.Golden;
import dev.witnessmark.fingerprint.Projection;
import dev.witnessmark.format.Refusal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class PaletteTest {

  private static final JsonNode GOLDEN = Golden.json("palette.json");

  private static final List<CausalResult> DIFFS =
      List.of(
          Golden.diff("base", "tuned", new ArrayList<>()),
          Golden.diff("base", "tuned2", new ArrayList<>()),
          Golden.diff("tuned", "tuned2", new ArrayList<>()),
          Golden.diff("small_base", "small_tuned", new ArrayList<>()));

  private static PredicatePlanes planes(int diff) {
    return PredicatePlanes.ofShifted(DIFFS.get(diff).heads());
  }

  @Test
  void sixtyFourWordsOfEdges() {
    List<EdgePalette.Row> rows = EdgePalette.of(DIFFS.getFirst().tensors()).rows();
    JsonNode golden = GOLDEN.get("palette64_of_base_to_tuned");
    assertThat(rows).hasSize(golden.get("labels").size());
    for (int i = 0; i < rows.size(); i++) {
      assertThat(rows.get(i).block()).isEqualTo(golden.get("labels").get(i).get(0).asLong());
      assertThat(rows.get(i).projection().label())
          .isEqualTo(golden.get("labels").get(i).get(1).asString());
      assertThat(rows.get(i).word()).isEqualTo(Golden.word(golden.get("rows").get(i)));
    }
  }

  /** D12: edges of no block set no bit, and a threshold that is asked for is kept. */
  @Test
  void planesOfDiffsD12() {
    assertThat(GOLDEN.get("heel_planes").size()).isEqualTo(4);
    for (int diff = 0; diff < DIFFS.size(); diff++) {
      JsonNode golden = GOLDEN.get("heel_planes").get(diff);
      PredicatePlanes above = PredicatePlanes.above(DIFFS.get(diff).heads(), 0.3);
      for (Plane plane : Plane.values()) {
        assertThat(planes(diff).word(plane))
            .isEqualTo(
                Golden.word(golden.get("correct_without_blockless_edges").get(plane.number())));
        assertThat(above.word(plane))
            .isEqualTo(Golden.word(golden.get("with_true_ratio_above_0.3").get(plane.number())));
      }
    }
  }

  @Test
  void everyProjectionHasItsPlane() {
    JsonNode golden = Golden.json("edge64.json").get("projection_to_predicate");
    assertThat(golden.size()).isEqualTo(Projection.values().length);
    for (Projection projection : Projection.values()) {
      assertThat(Plane.of(projection).number())
          .isEqualTo(golden.get(projection.code()).get(1).asInt());
    }
  }

  @Test
  void layersOfFourDiffs() {
    LayeredPalette palette = LayeredPalette.of(planes(0), planes(1), planes(2), planes(3));
    layers(palette, "layers_four_diffs");
    file(palette, "four_diffs.pal8");
  }

  @Test
  void layersOfTwoDiffs() {
    LayeredPalette palette = LayeredPalette.of(planes(1), planes(3));
    layers(palette, "layers_two_diffs");
    file(palette, "two_diffs.pal8");
  }

  @Test
  void layersFilteredByQuality() {
    QualityMap quality = QualityMap.of(DIFFS.get(0), DIFFS.get(1), DIFFS.get(3));
    LayeredPalette palette = LayeredPalette.of(planes(0), planes(1), planes(2), planes(3), quality);
    layers(palette, "layers_quality_filtered");
    file(palette, "quality_filtered.pal8");
  }

  private static void layers(LayeredPalette palette, String golden) {
    for (int layer = 0; layer < Plane.COUNT; layer++) {
      long[] rows = palette.rows(layer);
      assertThat(rows).hasSize(64);
      for (int row = 0; row < rows.length; row++) {
        assertThat(rows[row]).isEqualTo(Golden.word(GOLDEN.get(golden).get(layer).get(row)));
      }
    }
  }

  private static void file(LayeredPalette palette, String golden) {
    byte[] bytes = Golden.bytes(golden);
    PaletteStyle style = PaletteStyle.ofCode(bytes[4]);
    assertThat(Pal8.of(style, palette).toBytes()).isEqualTo(bytes);
  }

  @Test
  void filesAreReadBack() throws Refusal {
    byte[] bytes = Golden.bytes("two_diffs.pal8");
    assertThat(Pal8.read("two", bytes).toBytes()).isEqualTo(bytes);
    bytes[4] = 77;
    assertThat(Pal8.read("two", bytes).style()).isEqualTo(PaletteStyle.ANALYTICAL);
  }

  @Test
  void damagedFilesAreRefused() {
    byte[] bytes = Golden.bytes("two_diffs.pal8");
    assertThatThrownBy(() -> Pal8.read("cut", Arrays.copyOf(bytes, 4100)))
        .isInstanceOfSatisfying(
            Refusal.Truncated.class,
            refusal -> {
              assertThat(refusal.needed()).isEqualTo(4101);
              assertThat(refusal.available()).isEqualTo(4100);
            });
    assertThatThrownBy(() -> Pal8.read("empty", new byte[3]))
        .isInstanceOf(Refusal.UnknownFormat.class);
    bytes[0] = 'Q';
    assertThatThrownBy(() -> Pal8.read("other", bytes)).isInstanceOf(Refusal.UnknownFormat.class);
  }

  @Test
  void overlayOnScores() {
    JsonNode golden = Golden.json("misc.json").get("palette_overlay");
    assertThat(golden.size()).isEqualTo(9);
    for (JsonNode each : golden) {
      int n = each.get("n").asInt();
      long word = Golden.word(each.get("palette_row"));
      float[] bits = new float[n];
      Arrays.fill(bits, 1);
      AttentionOverlay.apply(bits, word, 0);
      List<Integer> kept = new ArrayList<>();
      for (int i = 0; i < n; i++) {
        if (bits[i] != 0) {
          kept.add(i);
        }
      }
      List<Integer> expected = new ArrayList<>();
      each.get("kept_positions").forEach(position -> expected.add(position.asInt()));
      assertThat(kept).isEqualTo(expected);
      float decay = each.get("decay").floatValue();
      for (int i = 0; i < n; i++) {
        float[] score = new float[n];
        score[i] = 3;
        AttentionOverlay.apply(score, word, decay);
        assertThat(score[i]).isEqualTo(kept.contains(i) ? 3f : 3f * decay);
      }
    }
  }
}
