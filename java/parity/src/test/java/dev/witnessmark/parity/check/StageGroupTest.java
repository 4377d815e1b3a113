package dev.witnessmark.parity.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.CheckpointReader;
import dev.witnessmark.format.Limits;
import dev.witnessmark.inference.IsolatedStages;
import dev.witnessmark.inference.MatrixPath;
import dev.witnessmark.inference.Model;
import dev.witnessmark.inference.PathPlan;
import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.kernels.operation.Element;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.verdict.CouldNotCompare;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Groups of the stages of the small trained model, for five tokens in two calls. */
class StageGroupTest {

  private static final int[] TOKENS = {3, 40, 7, 99, 12};

  @ParameterizedTest
  @CsvSource({"1, 105", "65536, 0", "1073741824, 1"})
  void everyStageIsInOneGroupThatFits(long most, int expected) throws IOException {
    try (Checkpoint checkpoint =
            CheckpointReader.open(Path.of("../../src/dist/demo/base-q4_k_m.gguf"), Limits.DEFAULT);
        IsolatedStages<MemorySegment> stages =
            IsolatedStages.open(
                Model.of(checkpoint),
                HostDevice.best(),
                PathPlan.all(MatrixPath.F32),
                TOKENS,
                Element.FLOAT32)) {
      StageSizes sizes = new StageSizes(Model.of(checkpoint).hyperparameters(), TOKENS.length, 2);
      List<StageGroup> groups = StageGroup.of(stages, sizes, most);
      if (expected > 0) {
        assertThat(groups).hasSize(expected);
      } else {
        assertThat(groups).hasSizeBetween(6, 50);
      }
      assertThat(groups.stream().flatMap(group -> group.judged().stream()))
          .containsExactlyElementsOf(stages.stages());
      for (StageGroup group : groups) {
        assertThat(group.needed()).containsAll(group.judged());
        for (StageKey key : group.judged()) {
          assertThat(group.needed()).containsAll(stages.inputs(key));
        }
        if (group.judged().size() > 1) {
          assertThat(group.needed().stream().mapToLong(sizes::elements).sum() * Float.BYTES)
              .isLessThanOrEqualTo(most);
        }
      }
    }
  }

  /** [heads, positions, positions] of more than 2³¹ values. */
  @Test
  void whatNoArrayHoldsIsRefused() throws IOException {
    try (Checkpoint checkpoint =
        CheckpointReader.open(Path.of("../../src/dist/demo/base-q4_k_m.gguf"), Limits.DEFAULT)) {
      StageSizes sizes = new StageSizes(Model.of(checkpoint).hyperparameters(), 1 << 16, 1);
      StageKey square = StageKey.of(Stage.ATTN_SCORES, 0);
      assertThat(sizes.elements(square)).isGreaterThan(1L << 32);
      assertThatExceptionOfType(CouldNotCompare.class).isThrownBy(() -> sizes.array(square));
    }
  }
}
