package dev.witnessmark.parity.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.witnessmark.capture.Capture;
import dev.witnessmark.capture.CaptureOptions;
import dev.witnessmark.capture.NameMap;
import dev.witnessmark.format.Limits;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.parity.budget.Precision;
import dev.witnessmark.verdict.CouldNotCompare;
import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.Progress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptureComparisonTest {

  @TempDir Path folder;

  private static CompareResult compare(
      CaptureSide a, CaptureSide b, Optional<CaptureSide> truth, boolean common)
      throws IOException {
    return CaptureComparison.run(
        a, b, truth, new CompareOptions(common, TestModel.RUN), Progress.NONE);
  }

  private static CaptureSide side(String name, Capture capture, TestModel model) {
    return CaptureSide.of(name, capture).with(model.model());
  }

  private static StageComparison stage(CompareResult result, StageKey key) {
    return result.stages().stream().filter(s -> s.key().equals(key)).findFirst().orElseThrow();
  }

  /** The other side was right; the reference had rounded 255 values at the scale of one. */
  @Test
  void theInaccurateReferenceIsOff() throws IOException {
    try (TestModel model =
            TestModel.with(folder.resolve("outlier.gguf"), "blk.2.ffn_up.weight", 5, 1000);
        Capture reference = model.capture(folder.resolve("a"), "q8");
        Capture healthy = model.capture(folder.resolve("b"), "f32");
        Capture exact = model.capture(folder.resolve("t"), "exact")) {
      CompareResult result =
          compare(
              side("A", reference, model),
              side("B", healthy, model),
              Optional.of(CaptureSide.of("truth", exact)),
              false);
      StageKey down = StageKey.of(Stage.FFN_OUT, 2);
      Divergence first = result.first().orElseThrow();
      assertThat(first.key()).isEqualTo(down);
      assertThat(first.side()).isEqualTo("A");
      StageComparison named = stage(result, down);
      assertThat(named.truth().orElseThrow().off()).contains("A");
      assertThat(named.ownA().orElseThrow().budget().used()).isBetween(2.0, 100.0);
      assertThat(named.ownB().orElseThrow().budget().used()).isZero();
      assertThat(named.remarks()).singleElement().asString().contains("layer-2/ffn_swigl");
      // A threshold on the cosine would have named another stage, before or after it.
      StageComparison worst =
          result.stages().stream()
              .filter(s -> !s.sameBits())
              .min(
                  Comparator.comparingDouble(
                      s -> Objects.requireNonNull(s.metrics().leastCosine())))
              .orElseThrow();
      assertThat(worst.key()).isNotEqualTo(down);
      StageComparison sum = stage(result, StageKey.of(Stage.POST_FFN_RESIDUAL, 2));
      assertThat(sum.ownA().orElseThrow().budget().used()).isZero();
      assertThat(sum.added()).isZero();
      assertThat(sum.inherited()).isGreaterThan(0.01);
      // B's own path goes through B's values; with A's in that place A's logits come nearer.
      assertThat(result.grafts()).extracting(GraftOutcome::from).containsExactly("B", "A");
      assertThat(result.grafts().getFirst().same()).isTrue();
      GraftOutcome back = result.grafts().getLast();
      assertThat(back.distance()).isLessThan(back.before() / 2);
      assertThat(result.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
    }
  }

  /** Five rounds of bisection once blamed attn_out for what was the reference's own rounding. */
  @Test
  void aNoisyReferenceBlamesNobody() throws IOException {
    try (TestModel model = TestModel.open();
        Capture a = model.capture(folder.resolve("a"), "f32")) {
      Path half = folder.resolve("half.safetensors");
      HalfDump.write(a, half);
      try (Capture b = Capture.open(half, CaptureOptions.DEFAULT, Limits.DEFAULT)) {
        CaptureSide other =
            new CaptureSide("B", b, Optional.of(model.model()), Optional.empty(), Optional.empty());
        CompareResult result = compare(side("A", a, model), other, Optional.empty(), false);
        assertThat(result.first()).isEmpty();
        assertThat(result.verdict().label()).isEqualTo("within-budget");
        assertThat(
                stage(result, StageKey.of(Stage.ATTN_OUT, 0)).ownB().orElseThrow().budget().used())
            .isBetween(1e-6, 1.0);
        CaptureSide single =
            new CaptureSide(
                "B", b, Optional.of(model.model()), Optional.of(Precision.F32), Optional.empty());
        assertThat(compare(side("A", a, model), single, Optional.empty(), false).verdict().exit())
            .isEqualTo(ExitCode.DIFFERS);
      }
    }
  }

  @Test
  void ordinaryQuantisationIsWithinItsBudget() throws IOException {
    try (TestModel model = TestModel.open();
        Capture a = model.capture(folder.resolve("a"), "q8");
        Capture b = model.capture(folder.resolve("b"), "f32")) {
      CompareResult result =
          compare(side("A", a, model), side("B", b, model), Optional.empty(), false);
      assertThat(result.verdict().label()).isEqualTo("within-budget");
      assertThat(result.verdict().exit()).isEqualTo(ExitCode.SAME);
      assertThat(result.first()).isEmpty();
    }
  }

  /** Without the model nobody can tell rounding from a fault, and that is no pass. */
  @Test
  void otherPathsWithoutTheModelDiffer() throws IOException {
    try (TestModel model = TestModel.open();
        Capture a = model.capture(folder.resolve("a"), "q8");
        Capture b = model.capture(folder.resolve("b"), "f32")) {
      CompareResult result =
          compare(CaptureSide.of("A", a), CaptureSide.of("B", b), Optional.empty(), false);
      assertThat(result.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
      assertThat(result.first()).isEmpty();
    }
  }

  @Test
  void sameBitsAreIdentical() throws IOException {
    try (TestModel model = TestModel.open();
        Capture a = model.capture(folder.resolve("a"), "q8");
        Capture b = model.capture(folder.resolve("b"), "q8")) {
      CompareResult result =
          compare(CaptureSide.of("A", a), CaptureSide.of("B", b), Optional.empty(), false);
      assertThat(result.verdict().label()).isEqualTo("bit-identical");
      assertThat(result.smallestTolerance()).isZero();
      assertThat(result.logits().orElseThrow().same()).isTrue();
    }
  }

  /** One value of a stage is changed on disk, and nothing after it: the next stages are equal. */
  @Test
  void aChangedValueIsFoundWithTheSideThatHasIt() throws IOException {
    StageKey changed = StageKey.of(Stage.ATTN_OUT, 1);
    try (TestModel model = TestModel.open();
        Capture a = model.capture(folder.resolve("a"), "q8");
        Capture whole = model.capture(folder.resolve("b"), "q8")) {
      change(folder.resolve("b").resolve("layer-1/attn_out.bin"), 7, 3);
      try (Capture b =
          Capture.open(
              whole.path(),
              new CaptureOptions(false, NameMap.none(), Optional.empty()),
              Limits.DEFAULT)) {
        CompareResult blind =
            compare(CaptureSide.of("A", a), CaptureSide.of("B", b), Optional.empty(), false);
        assertThat(blind.first().orElseThrow().key()).isEqualTo(changed);
        assertThat(blind.first().orElseThrow().side()).isEqualTo("A or B");
        CompareResult told =
            compare(side("A", a, model), side("B", b, model), Optional.empty(), false);
        assertThat(told.first().orElseThrow().key()).isEqualTo(changed);
        assertThat(told.first().orElseThrow().side()).isEqualTo("B");
        StageComparison stage = stage(told, changed);
        assertThat(stage.metrics().differing()).isEqualTo(1);
        assertThat(stage.metrics().largestAt()).isEqualTo(7);
        assertThat(stage.inherited()).isZero();
        assertThat(told.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
      }
    }
  }

  @Test
  void aNaNOfOneSideDiffers() throws IOException {
    try (TestModel model = TestModel.open();
        Capture a = model.capture(folder.resolve("a"), "f32");
        Capture whole = model.capture(folder.resolve("b"), "q8")) {
      change(folder.resolve("b").resolve("layer-0/ffn_norm.bin"), 4, Float.NaN);
      try (Capture b =
          Capture.open(
              whole.path(),
              new CaptureOptions(false, NameMap.none(), Optional.empty()),
              Limits.DEFAULT)) {
        CompareResult result =
            compare(CaptureSide.of("A", a), CaptureSide.of("B", b), Optional.empty(), false);
        assertThat(result.first().orElseThrow().key()).isEqualTo(StageKey.of(Stage.FFN_NORM, 0));
        assertThat(result.smallestTolerance()).isInfinite();
        assertThat(result.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
      }
    }
  }

  private static void change(Path file, int index, float value) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(12 + 4 * index, value);
    Files.write(file, bytes);
  }

  @Test
  void stagesOfOneSideAreRefusedUnlessSkipped() throws IOException {
    try (TestModel model = TestModel.open();
        Capture a = model.capture(folder.resolve("a"), "f32");
        Capture b =
            model.capture(folder.resolve("b"), "f32", "ffn_out,lm_head", TestModel.TOKENS)) {
      assertThatThrownBy(() ->
              compare(CaptureSide.of("A", a), CaptureSide.of("B", b), Optional.empty(), false))
          .isInstanceOf(CouldNotCompare.class)
          .hasMessageContaining("layer-0/embedding");
      CompareResult result =
          compare(CaptureSide.of("A", a), CaptureSide.of("B", b), Optional.empty(), true);
      assertThat(result.stages()).hasSize(7);
      assertThat(result.skipped()).hasSize(a.stages().size() - 7);
      assertThat(result.verdict().label()).isEqualTo("bit-identical");
    }
  }

  @Test
  void nothingInCommonIsNoPass() throws IOException {
    try (TestModel model = TestModel.open();
        Capture a = model.capture(folder.resolve("a"), "f32", "ffn_up", TestModel.TOKENS);
        Capture b = model.capture(folder.resolve("b"), "f32", "ffn_out", TestModel.TOKENS)) {
      assertThatThrownBy(
              () -> compare(CaptureSide.of("A", a), CaptureSide.of("B", b), Optional.empty(), true))
          .isInstanceOf(CouldNotCompare.class);
    }
  }

  @Test
  void otherInputsAreRefused() throws IOException {
    try (TestModel model = TestModel.open();
        Capture a = model.capture(folder.resolve("a"), "f32", "lm_head", new int[] {1, 2, 3});
        Capture b = model.capture(folder.resolve("b"), "f32", "lm_head", new int[] {1, 9, 3});
        Capture c = model.capture(folder.resolve("c"), "f32", "lm_head", new int[] {1, 2})) {
      assertThatThrownBy(
              () -> compare(CaptureSide.of("A", a), CaptureSide.of("B", b), Optional.empty(), true))
          .isInstanceOf(CouldNotCompare.class)
          .hasMessageContaining("position 1");
      assertThatThrownBy(
              () -> compare(CaptureSide.of("A", a), CaptureSide.of("B", c), Optional.empty(), true))
          .isInstanceOf(CouldNotCompare.class)
          .hasMessageContaining("3")
          .hasMessageContaining("2");
    }
  }
}
