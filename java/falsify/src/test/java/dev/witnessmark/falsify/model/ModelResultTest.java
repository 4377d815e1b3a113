package dev.witnessmark.falsify.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.falsify.Outcome;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.RunRecord;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModelResultTest {

  private static ModelResult result(double z, double brokenZ, double doubled) {
    return new ModelResult(
        "m.gguf",
        "llama",
        List.of(1),
        List.of(new MatrixNoise("w", TensorType.Q4_K, 8, 0.01, 1, 1, z, 4, 0, brokenZ, 1, 0)),
        0,
        List.of(
            new LayerDifference(0, 0.03, 0.03, 0.03, 0.03),
            new LayerDifference(1, 0.04, 0.05, 0.03, doubled)),
        "cpu",
        1,
        new RunRecord("0", List.of(), "cpu", "k", "r", 1, 0, "25", List.of()));
  }

  @Test
  void explainedNeedsAControlThatStandsOut() {
    assertThat(result(1, 30, 0.08).verdict().exit()).isEqualTo(ExitCode.SAME);
    assertThat(result(1, 2, 0.08).verdict().exit()).isEqualTo(ExitCode.COULD_NOT_COMPARE);
    assertThat(result(3.1, 30, 0.08).verdict().exit()).isEqualTo(ExitCode.DIFFERS);
    assertThat(result(3.1, 2, 0.08).verdict().exit()).isEqualTo(ExitCode.DIFFERS);
    assertThat(result(Double.NaN, 30, 0.08).verdict().exit()).isEqualTo(ExitCode.DIFFERS);
  }

  @Test
  void differencesOnlyAddUpIfDoublingThemWouldShow() {
    assertThat(result(1, 30, 0.08).findings().getLast().outcome()).isEqualTo(Outcome.CONFIRMED);
    assertThat(result(1, 30, 0.06).findings().getLast().outcome()).isEqualTo(Outcome.NOT_SHOWN);
    assertThat(result(1, 30, 0.08).overIndependent()).isEqualTo(1);
  }
}
