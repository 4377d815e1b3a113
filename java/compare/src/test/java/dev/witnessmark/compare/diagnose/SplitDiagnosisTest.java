package dev.witnessmark.compare.diagnose;

import static dev.witnessmark.compare.testing.Numbers.concatenated;
import static dev.witnessmark.compare.testing.Numbers.normal;
import static dev.witnessmark.compare.testing.Numbers.transposed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.witnessmark.compare.DiffResult;
import dev.witnessmark.compare.TensorDifference;
import dev.witnessmark.compare.TensorStatus;
import dev.witnessmark.compare.testing.Diffs;
import dev.witnessmark.compare.testing.Numbers;
import dev.witnessmark.compare.testing.TestModel;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.verdict.ExitCode;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Tensors that no table knows: what they would be split, is said, and nothing is matched by it. */
class SplitDiagnosisTest {

  private static final int ROWS = 24;
  private static final int COLUMNS = 32;
  private static final float[] Q = normal(ROWS * COLUMNS, 1);
  private static final float[] K = normal(ROWS / 3 * COLUMNS, 2);
  private static final float[] V = normal(ROWS / 3 * COLUMNS, 3);
  private static final int ALL_ROWS = ROWS + 2 * (ROWS / 3);

  private static TestModel compared() {
    return TestModel.huggingFace().vector("compared", 1, 2, 3);
  }

  private static TestModel fused() {
    return compared().tensor("x.1.fused", concatenated(concatenated(Q, K), V), ALL_ROWS, COLUMNS);
  }

  /** In another order than they are fused in, among others. */
  private static TestModel split() {
    return compared()
        .tensor("y.1.other", normal(ROWS * COLUMNS, 9), ROWS, COLUMNS)
        .tensor("y.1.value", V, ROWS / 3, COLUMNS)
        .tensor("y.1.query", Q, ROWS, COLUMNS)
        .tensor("y.1.key", K, ROWS / 3, COLUMNS);
  }

  private static @Nullable String diagnosis(DiffResult result, String name) {
    return Diffs.of(result, name).diagnosis();
  }

  @Test
  void aFusedTensorOfAIsDiagnosed() throws IOException {
    DiffResult result = Diffs.run(fused(), split());

    assertThat(diagnosis(result, "x.1.fused"))
        .isEqualTo("A's x.1.fused split into B's y.1.query, y.1.key, y.1.value is bit-identical");
    assertThat(diagnosis(result, "y.1.key"))
        .isEqualTo("B's y.1.key compared with A's x.1.fused[24:32] is bit-identical");
    assertThat(diagnosis(result, "y.1.other")).isNull();
  }

  @Test
  void aFusedTensorOfBIsDiagnosed() throws IOException {
    DiffResult result = Diffs.run(split(), fused());

    assertThat(diagnosis(result, "x.1.fused"))
        .isEqualTo("B's x.1.fused split into A's y.1.query, y.1.key, y.1.value is bit-identical");
    assertThat(diagnosis(result, "y.1.value"))
        .isEqualTo("A's y.1.value compared with B's x.1.fused[32:40] is bit-identical");
  }

  @Test
  void aDiagnosisMatchesNothing() throws IOException {
    DiffResult result = Diffs.run(fused(), split());

    assertThat(result.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
    assertThat(Diffs.statuses(result))
        .containsEntry("compared", TensorStatus.BIT_IDENTICAL)
        .containsEntry("x.1.fused", TensorStatus.ONLY_IN_A)
        .containsEntry("y.1.query", TensorStatus.ONLY_IN_B)
        .hasSize(6);
  }

  @Test
  void aSplitThatExplainsAllButOneValueIsNone() throws IOException {
    float[] moved = V.clone();
    moved[moved.length - 1] += 1;
    DiffResult result =
        Diffs.run(
            fused(),
            compared()
                .tensor("y.1.query", Q, ROWS, COLUMNS)
                .tensor("y.1.key", K, ROWS / 3, COLUMNS)
                .tensor("y.1.value", moved, ROWS / 3, COLUMNS));

    assertThat(result.tensors()).extracting(TensorDifference::diagnosis).containsOnlyNulls();
  }

  @Test
  void partsOfAnotherBlockAreNotTried() throws IOException {
    DiffResult result =
        Diffs.run(
            fused(),
            compared()
                .tensor("y.1.query", Q, ROWS, COLUMNS)
                .tensor("y.2.key", K, ROWS / 3, COLUMNS)
                .tensor("y.1.value", V, ROWS / 3, COLUMNS));

    assertThat(result.tensors()).extracting(TensorDifference::diagnosis).containsOnlyNulls();
  }

  /** Output features along the rows on one side, along the columns on the other. */
  @Test
  void aTransposedFusedTensorIsDiagnosed() throws IOException {
    float[] fused = transposed(concatenated(concatenated(Q, K), V), ALL_ROWS, COLUMNS);
    DiffResult columns =
        Diffs.run(compared().tensor("x.1.fused", fused, COLUMNS, ALL_ROWS), split());
    assertThat(diagnosis(columns, "x.1.fused"))
        .isEqualTo(
            "A's x.1.fused transposed and split into B's y.1.query, y.1.key, y.1.value is"
                + " identical");

    DiffResult both =
        Diffs.run(
            compared().tensor("x.1.fused", fused, COLUMNS, ALL_ROWS),
            compared()
                .tensor("y.1.query", transposed(Q, ROWS, COLUMNS), COLUMNS, ROWS)
                .tensor("y.1.key", transposed(K, ROWS / 3, COLUMNS), COLUMNS, ROWS / 3)
                .tensor("y.1.value", transposed(V, ROWS / 3, COLUMNS), COLUMNS, ROWS / 3));
    assertThat(diagnosis(both, "x.1.fused"))
        .isEqualTo("A's x.1.fused split into B's y.1.query, y.1.key, y.1.value is identical");
  }

  @Test
  void aQuantisedStackIsDiagnosed() throws IOException {
    byte[] stored = Numbers.randomFinite(TensorType.Q8_0, 6 * 4 * COLUMNS, new Random(1));
    double[] decoded = Numbers.values(TensorType.Q8_0, stored);
    TestModel experts = compared();
    for (int expert = 0; expert < 6; expert++) {
      float[] values = new float[4 * COLUMNS];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) decoded[expert * values.length + i];
      }
      experts.tensor("x.1.e%d".formatted(expert), values, 4, COLUMNS);
    }
    DiffResult result =
        Diffs.run(experts, compared().tensor("x.1.stack", TensorType.Q8_0, stored, 6, 4, COLUMNS));

    assertThat(diagnosis(result, "x.1.stack"))
        .isEqualTo(
            "B's x.1.stack split into A's x.1.e0, x.1.e1, x.1.e2, x.1.e3 and 2 more is identical");
  }

  @Test
  void aTensorOfOneNameAndAnotherShapeIsTriedToo() throws IOException {
    DiffResult result =
        Diffs.run(
            compared().tensor("x.1.w", concatenated(K, V), 2 * ROWS / 3, COLUMNS),
            compared().tensor("x.1.w", K, ROWS / 3, COLUMNS).tensor("x.1.v", V, ROWS / 3, COLUMNS));

    assertThat(Diffs.of(result, "x.1.w").status()).isEqualTo(TensorStatus.INCOMPATIBLE);
    assertThat(diagnosis(result, "x.1.w"))
        .isEqualTo("A's x.1.w split into B's x.1.w, x.1.v is bit-identical");
  }

  @Test
  void aTensorUnderAnotherNameIsDiagnosed() throws IOException {
    DiffResult result =
        Diffs.run(
            compared().tensor("x.1.w", Q, ROWS, COLUMNS),
            compared().tensor("y.1.u", Q, ROWS, COLUMNS));

    assertThat(diagnosis(result, "x.1.w"))
        .isEqualTo("A's x.1.w compared with B's y.1.u is bit-identical");
    assertThat(diagnosis(result, "y.1.u"))
        .isEqualTo("B's y.1.u compared with A's x.1.w is bit-identical");
  }

  /** Thousands of names that nobody knows do not make it a search of days. */
  @Test
  void theSearchIsBounded() {
    TestModel a = compared();
    TestModel b = compared();
    for (int i = 0; i < 4000; i++) {
      a.tensor("left" + i, normal(4 * 8, i), 4, 8);
      b.tensor("right" + i, normal(4 * 8, -1 - i), 4, 8);
    }
    DiffResult result = assertTimeoutPreemptively(Duration.ofSeconds(60), () -> Diffs.run(a, b));

    assertThat(result.tensors()).hasSize(1 + 2 * 4000);
    assertThat(result.tensors()).extracting(TensorDifference::diagnosis).containsOnlyNulls();
  }
}
