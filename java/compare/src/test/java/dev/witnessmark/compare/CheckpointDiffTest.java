package dev.witnessmark.compare;

import static dev.witnessmark.compare.testing.Numbers.normal;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.compare.testing.Diffs;
import dev.witnessmark.compare.testing.Numbers;
import dev.witnessmark.compare.testing.TestModel;
import dev.witnessmark.format.InputFingerprint;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.RunRecord;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What other comparison tools got wrong, one test each; and what every answer must contain. */
class CheckpointDiffTest {

  private static TestModel vectors(int count) {
    TestModel model = TestModel.huggingFace();
    IntStream.range(0, count).forEach(i -> model.vector("t" + i, i, 1));
    return model;
  }

  private static ValueDifference values(TensorDifference tensor) {
    return requireNonNull(tensor.difference());
  }

  private static FloorUse floor(TensorDifference tensor) {
    return requireNonNull(values(tensor).floor());
  }

  @Test
  void aDifferenceEndsInExitCodeOne() throws IOException {
    DiffResult result = Diffs.run(vectors(3), vectors(2).vector("t2", 2, Math.nextUp(1f)));
    assertThat(result.verdict().label()).isEqualTo("differs");
    assertThat(result.verdict().exit().code()).isEqualTo(1);
    assertThat(result.verdict().basis()).containsExactly("2 bit-identical", "1 moved");
  }

  @Test
  void equalCheckpointsEndInExitCodeZero() throws IOException {
    DiffResult result = Diffs.run(vectors(3), vectors(3));
    assertThat(result.verdict().label()).isEqualTo("bit-identical");
    assertThat(result.verdict().exit().code()).isZero();
  }

  @Test
  void moreThanTenTensorsAreAllCompared() throws IOException {
    TestModel b = TestModel.huggingFace();
    IntStream.range(0, 250).forEach(i -> b.vector("t" + i, i, i == 249 ? 2 : 1));
    DiffResult result = Diffs.run(vectors(250), b);
    assertThat(result.tensors()).hasSize(250);
    assertThat(Diffs.of(result, "t249").status()).isEqualTo(TensorStatus.MOVED);
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "4;3",
        "4;2,2",
        "2,3;3,3",
        "2,3;2,2",
        "2,6;3,4",
        "2,3,4;3,2,4",
        "2,2;2,2,2",
        "1;0"
      })
  void anotherShapeIsIncompatibleAndNeverComparedOverTheShorterLength(String shapes)
      throws IOException {
    long[][] both = new long[2][];
    for (int side = 0; side < 2; side++) {
      String[] dimensions = shapes.split(";", -1)[side].split(",", -1);
      both[side] = Arrays.stream(dimensions).mapToLong(Long::parseLong).toArray();
    }
    DiffResult result =
        Diffs.run(
            vectors(1).tensor("x", new float[product(both[0])], both[0]),
            vectors(1).tensor("x", new float[product(both[1])], both[1]));
    TensorDifference x = Diffs.of(result, "x");
    assertThat(x.status()).isEqualTo(TensorStatus.INCOMPATIBLE);
    assertThat(x.difference()).isNull();
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
    assertThat(result.verdict().basis()).contains("1 incompatible");
  }

  private static int product(long[] dimensions) {
    int product = 1;
    for (long dimension : dimensions) {
      product *= (int) dimension;
    }
    return product;
  }

  @Test
  void onlyIncompatibleTensorsAreNotAComparison() throws IOException {
    DiffResult result =
        Diffs.run(
            TestModel.huggingFace().vector("x", 1, 2), TestModel.huggingFace().vector("x", 1));
    assertThat(result.verdict().label()).isEqualTo("could-not-compare");
    assertThat(result.verdict().exit().code()).isEqualTo(3);
  }

  @Test
  void aTensorOfZerosIsIdenticalToItselfAndHasNoCosine() throws IOException {
    for (TensorType type : new TensorType[] {TensorType.F32, TensorType.F64, TensorType.Q8_0}) {
      byte[] zeros = new byte[(int) type.bytes(64)];
      DiffResult result =
          Diffs.run(
              TestModel.huggingFace().tensor("z", type, zeros, 2, 32),
              TestModel.huggingFace().tensor("z", type, zeros, 2, 32));
      TensorDifference z = Diffs.of(result, "z");
      assertThat(z.status()).isEqualTo(TensorStatus.BIT_IDENTICAL);
      assertThat(values(z).cosine()).isNull();
      assertThat(values(z).relative()).isEqualTo(0.0);
      assertThat(values(z).max()).isNull();
      assertThat(values(z).equal()).isEqualTo(64);
      assertThat(result.verdict().exit()).isEqualTo(ExitCode.SAME);
    }
    DiffResult types =
        Diffs.run(
            TestModel.huggingFace().tensor("z", TensorType.F16, new byte[4], 2),
            TestModel.huggingFace().vector("z", 0, -0f));
    assertThat(Diffs.of(types, "z").status()).isEqualTo(TensorStatus.IDENTICAL);
    assertThat(values(Diffs.of(types, "z")).cosine()).isNull();
    assertThat(values(Diffs.of(types, "z")).signedZeros()).isEqualTo(1);
    assertThat(types.verdict().label()).isEqualTo("identical");
  }

  @Test
  void zerosAgainstSomethingHaveNoRelativeChange() throws IOException {
    ValueDifference difference =
        values(
            Diffs.of(
                Diffs.run(
                    TestModel.huggingFace().vector("z", 0, 0),
                    TestModel.huggingFace().vector("z", 3, 4)),
                "z"));
    assertThat(difference.relative()).isNull();
    assertThat(difference.cosine()).isNull();
    assertThat(difference.normB()).isEqualTo(5.0);
    assertThat(difference.rms()).isEqualTo(Math.sqrt(12.5));
    assertThat(difference.mean()).isEqualTo(-3.5);
  }

  @Test
  void nothingMatchedIsExitCodeThree() throws IOException {
    DiffResult result =
        Diffs.run(
            TestModel.huggingFace().vector("left", 1), TestModel.huggingFace().vector("right", 1));
    assertThat(result.verdict().exit().code()).isEqualTo(3);
    assertThat(result.verdict().basis().getFirst()).isEqualTo("no tensor was compared");
    assertThat(Diffs.of(result, "left").status()).isEqualTo(TensorStatus.ONLY_IN_A);
    assertThat(Diffs.of(result, "right").status()).isEqualTo(TensorStatus.ONLY_IN_B);
    assertThat(Diffs.run(TestModel.huggingFace(), TestModel.huggingFace()).verdict().exit())
        .isEqualTo(ExitCode.COULD_NOT_COMPARE);
  }

  @Test
  void whatOnlyOneSideHasIsListedAndDiffers() throws IOException {
    DiffResult result =
        Diffs.run(vectors(2).vector("more", 1), vectors(2).vector("other", 1, 2, 3));
    TensorDifference more = Diffs.of(result, "more");
    assertThat(more.status()).isEqualTo(TensorStatus.ONLY_IN_A);
    assertThat(more.b()).isNull();
    TensorDifference other = Diffs.of(result, "other");
    assertThat(other.status()).isEqualTo(TensorStatus.ONLY_IN_B);
    assertThat(other.a()).isNull();
    assertThat(requireNonNull(other.b()).elements()).isEqualTo(3);
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
  }

  private static final float PAYLOAD = Float.intBitsToFloat(0x7fc00123);

  @ParameterizedTest
  @EnumSource(
      value = TensorType.class,
      names = {"F32", "F16", "BF16", "F64"})
  void aNanOnOneSideIsADifference(TensorType type) throws IOException {
    DiffResult result =
        Diffs.run(
            TestModel.huggingFace()
                .tensor("n", type, Numbers.stored(type, 1, Double.NaN, 3, Double.NaN), 4),
            TestModel.huggingFace()
                .tensor("n", type, Numbers.stored(type, 1, 2, Double.NaN, Double.NaN), 4));
    TensorDifference n = Diffs.of(result, "n");
    assertThat(n.status()).isEqualTo(TensorStatus.MOVED);
    assertThat(values(n).nanOnlyA()).isEqualTo(1);
    assertThat(values(n).nanOnlyB()).isEqualTo(1);
    assertThat(values(n).nanBoth()).isEqualTo(1);
    assertThat(values(n).equal()).isEqualTo(2);
    assertThat(values(n).max()).as("no finite pair differs").isNull();
    assertThat(n.basis()).contains("2 are NaN or infinite").doesNotContain("any change");
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
  }

  @Test
  void aNanOnOneSideIsADifferenceUnderAnAllowanceToo() throws IOException {
    DiffResult result =
        Diffs.run(
            TestModel.huggingFace().vector("n", 1, Float.NaN),
            TestModel.huggingFace()
                .tensor("n", TensorType.BF16, Numbers.stored(TensorType.BF16, 1, 1), 2));
    TensorDifference n = Diffs.of(result, "n");
    assertThat(n.status()).isEqualTo(TensorStatus.MOVED);
    assertThat(floor(n).beyond()).isEqualTo(1);
    assertThat(floor(n).used()).isInfinite();
  }

  @Test
  void nansOfEqualBitsAreEqualAndOthersAreNot() throws IOException {
    DiffResult same =
        Diffs.run(
            TestModel.huggingFace().vector("n", PAYLOAD, 1),
            TestModel.huggingFace().vector("n", PAYLOAD, 1));
    assertThat(Diffs.of(same, "n").status()).isEqualTo(TensorStatus.BIT_IDENTICAL);
    DiffResult beside =
        Diffs.run(
            TestModel.huggingFace().vector("n", PAYLOAD, 1),
            TestModel.huggingFace().vector("n", PAYLOAD, 2));
    assertThat(values(Diffs.of(beside, "n")).equal()).isEqualTo(1);
    DiffResult other =
        Diffs.run(
            TestModel.huggingFace().vector("n", PAYLOAD, 1),
            TestModel.huggingFace().vector("n", Float.NaN, 1));
    assertThat(Diffs.of(other, "n").status()).isEqualTo(TensorStatus.MOVED);
    assertThat(values(Diffs.of(other, "n")).nanBoth()).isEqualTo(1);
    assertThat(values(Diffs.of(other, "n")).equal()).isEqualTo(1);
  }

  @Test
  void infinitiesOfOneSignAreEqual() throws IOException {
    ValueDifference difference =
        values(
            Diffs.of(
                Diffs.run(
                    TestModel.huggingFace().vector("i", 1f / 0, -1f / 0, 1f / 0, 1f / 0, 7, 1),
                    TestModel.huggingFace().vector("i", 1f / 0, -1f / 0, -1f / 0, 5, -1f / 0, 2)),
                "i"));
    assertThat(difference.infBoth()).isEqualTo(3);
    assertThat(difference.infOnlyA()).isEqualTo(1);
    assertThat(difference.infOnlyB()).isEqualTo(1);
    assertThat(difference.equal()).isEqualTo(2);
    assertThat(difference.max()).isEqualTo(new Extreme(5, 0, 5, 1, 2, -1));
  }

  /** 2⁵³ and 2⁵³ + 1 are one number in float64, but not in the file. */
  @Test
  void integersThatDifferBelowFloat64AreNotEqual() throws IOException {
    for (TensorType type : new TensorType[] {TensorType.I64, TensorType.U64}) {
      byte[] a = Numbers.stored(TensorType.I64, 0x1p53, 5);
      byte[] b = a.clone();
      b[0]++;
      TensorDifference integers =
          Diffs.of(
              Diffs.run(
                  TestModel.huggingFace().tensor("i", type, a, 2),
                  TestModel.huggingFace().tensor("i", type, b, 2)),
              "i");
      assertThat(integers.status()).isEqualTo(TensorStatus.MOVED);
    }
  }

  /** Every byte but zero is true: other bytes, the same value. */
  @Test
  void boolsAreComparedAsBools() throws IOException {
    DiffResult result =
        Diffs.run(
            TestModel.huggingFace().tensor("b", TensorType.BOOL, new byte[] {0, 1, 2}, 3),
            TestModel.huggingFace().tensor("b", TensorType.BOOL, new byte[] {0, 2, 1}, 3));
    assertThat(Diffs.of(result, "b").status()).isEqualTo(TensorStatus.IDENTICAL);
    assertThat(values(Diffs.of(result, "b")).normA()).isEqualTo(Math.sqrt(2));
  }

  @Test
  void globsThatMatchNothingAreExitCodeThree() throws IOException {
    DiffResult result =
        Diffs.run(vectors(3).operand("a"), vectors(3).operand("b"), Diffs.only("no.such.*"));
    assertThat(result.verdict().exit().code()).isEqualTo(3);
    assertThat(result.tensors()).isEmpty();
    assertThat(result.excluded()).isEqualTo(3);
  }

  @Test
  void globsSelectAndTheRestIsCounted() throws IOException {
    TestModel a = vectors(12).vector("gone", 1).vector("x", 1, 2).vector("yellow", 1);
    TestModel b = vectors(12).vector("new", 1).vector("x", 1).vector("yes", 1);
    DiffResult result = Diffs.run(a.operand("a"), b.operand("b"), Diffs.only("t1*", "y*"));
    assertThat(Diffs.statuses(result))
        .containsOnlyKeys("t1", "t10", "t11", "yellow", "yes")
        .containsEntry("t1", TensorStatus.BIT_IDENTICAL)
        .containsEntry("yellow", TensorStatus.ONLY_IN_A)
        .containsEntry("yes", TensorStatus.ONLY_IN_B);
    assertThat(result.excluded()).isEqualTo(9 + 1 + 1 + 1);
  }

  @Test
  void globsSeeTheNameOfEitherSideAndOfFusedTensors() throws IOException {
    TestModel split =
        TestModel.huggingFace()
            .tensor("model.layers.0.mlp.gate_proj.weight", normal(64, 1), 2, 32)
            .tensor("model.layers.0.mlp.up_proj.weight", normal(64, 2), 2, 32);
    TestModel fused =
        TestModel.huggingFace()
            .tensor(
                "model.layers.0.mlp.gate_up_proj.weight",
                Numbers.concatenated(normal(64, 1), normal(64, 2)),
                4,
                32);
    assertThat(
            Diffs.run(
                    split.operand("a"),
                    fused.operand("b"),
                    Diffs.only("model.layers.0.mlp.gate_proj.weight"))
                .tensors())
        .hasSize(1);
    DiffResult both =
        Diffs.run(
            split.operand("a"),
            fused.operand("b"),
            Diffs.only("model.layers.0.mlp.gate_up_proj.weight"));
    assertThat(both.tensors()).hasSize(2);
    assertThat(both.excluded()).isZero();
    assertThat(
            Diffs.run(
                    split.operand("a"),
                    fused.operand("b"),
                    Diffs.only("model.layers.0.mlp.gate_up_proj.weight[2:4]"))
                .tensors())
        .hasSize(1);
  }

  private static float[] transposed(float[] values, int rows, int columns) {
    return Numbers.transposed(values, rows, columns);
  }

  @Test
  void aTransposedMatrixIsDiagnosedAndIncompatible() throws IOException {
    float[] values = normal(48 * 80, 1);
    DiffResult result =
        Diffs.run(
            vectors(1).tensor("w", values, 48, 80),
            vectors(1).tensor("w", transposed(values, 48, 80), 80, 48));
    TensorDifference w = Diffs.of(result, "w");
    assertThat(w.status()).isEqualTo(TensorStatus.INCOMPATIBLE);
    assertThat(w.diagnosis()).isEqualTo("B transposed is identical");
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
  }

  @Test
  void aTransposedSquareMatrixIsDiagnosedAndMoved() throws IOException {
    float[] values = normal(64 * 64, 1);
    DiffResult result =
        Diffs.run(
            vectors(1).tensor("w", values, 64, 64),
            vectors(1).tensor("w", transposed(values, 64, 64), 64, 64));
    TensorDifference w = Diffs.of(result, "w");
    assertThat(w.status()).isEqualTo(TensorStatus.MOVED);
    assertThat(w.diagnosis()).isEqualTo("B transposed is identical");
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
  }

  /** Quantised after transposing: other blocks, other rounding, the same matrix. */
  @ParameterizedTest
  @EnumSource(
      value = TensorType.class,
      names = {"F16", "BF16", "Q8_0"})
  void aTransposedMatrixOfAnotherTypeIsDiagnosed(TensorType type) throws IOException {
    byte[] stored = Numbers.randomFinite(type, 64 * 32, new Random(1));
    double[] decoded = Numbers.values(type, stored);
    float[] values = new float[decoded.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) decoded[i];
    }
    DiffResult result =
        Diffs.run(
            vectors(1).tensor("w", transposed(values, 64, 32), 32, 64),
            vectors(1).tensor("w", type, stored, 64, 32));
    assertThat(Diffs.of(result, "w").diagnosis()).isEqualTo("B transposed is identical");
  }

  @Test
  void aTransposedMatrixWithOneOtherValueIsNotExplained() throws IOException {
    float[] values = normal(48 * 80, 1);
    float[] other = transposed(values, 48, 80);
    other[777] += 1;
    DiffResult result =
        Diffs.run(vectors(1).tensor("w", values, 48, 80), vectors(1).tensor("w", other, 80, 48));
    assertThat(Diffs.of(result, "w").diagnosis()).isNull();
  }

  @Test
  void rowsOfHeadsInTheOtherOrderAreDiagnosed() throws IOException {
    float[] values = normal(128 * 32, 1);
    DiffResult result =
        Diffs.run(
            vectors(1).tensor("w", values, 128, 32),
            vectors(1).tensor("w", Numbers.interleaved(values, 4, 32), 128, 32));
    TensorDifference w = Diffs.of(result, "w");
    assertThat(w.status()).isEqualTo(TensorStatus.MOVED);
    assertThat(w.diagnosis())
        .isEqualTo("B with the rotary rows of its 4 heads un-interleaved is identical");
    DiffResult reverse =
        Diffs.run(
            vectors(1).tensor("w", Numbers.interleaved(values, 4, 32), 128, 32),
            vectors(1).tensor("w", values, 128, 32));
    assertThat(Diffs.of(reverse, "w").diagnosis())
        .isEqualTo("B with the rotary rows of its 4 heads interleaved is identical");
  }

  /** Of many heads two: the tensors as a whole stay close. */
  @Test
  void headsThatChangedPlacesAreDiagnosed() throws IOException {
    float[] values = normal(16 * 16 * 32, 1);
    float[] swapped = values.clone();
    int head = 16 * 32;
    System.arraycopy(values, 2 * head, swapped, 9 * head, head);
    System.arraycopy(values, 9 * head, swapped, 2 * head, head);
    DiffResult result =
        Diffs.run(
            vectors(1).tensor("w", values, 256, 32), vectors(1).tensor("w", swapped, 256, 32));
    TensorDifference w = Diffs.of(result, "w");
    assertThat(w.status()).isEqualTo(TensorStatus.MOVED);
    assertThat(w.diagnosis())
        .isEqualTo(
            "B with its 16 heads in the order 0, 1, 9, 3, 4, 5, 6, 7, 8, 2, 10, 11, 12, 13, 14, 15"
                + " is identical");

    swapped[swapped.length - 1] += 1;
    DiffResult moved =
        Diffs.run(
            vectors(1).tensor("w", values, 256, 32), vectors(1).tensor("w", swapped, 256, 32));
    assertThat(Diffs.of(moved, "w").diagnosis()).isNull();
  }

  @Test
  void aMatrixThatMovedALittleHasNoDiagnosis() throws IOException {
    float[] values = normal(64 * 64, 1);
    float[] moved = values.clone();
    moved[5] += 1;
    assertThat(
            Diffs.of(
                    Diffs.run(
                        vectors(1).tensor("w", values, 64, 64),
                        vectors(1).tensor("w", moved, 64, 64)),
                    "w")
                .diagnosis())
        .isNull();
  }

  @Test
  void roundingToStorageIsWithinQuantisation() throws IOException {
    float[] values = normal(4096, 1);
    double[] wide = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      wide[i] = values[i];
    }
    for (TensorType type : new TensorType[] {TensorType.F16, TensorType.BF16}) {
      byte[] rounded = Numbers.stored(type, wide);
      DiffResult result =
          Diffs.run(
              TestModel.huggingFace().tensor("w", values, 64, 64),
              TestModel.huggingFace().tensor("w", type, rounded, 64, 64));
      TensorDifference w = Diffs.of(result, "w");
      assertThat(w.status()).isEqualTo(TensorStatus.WITHIN_QUANTISATION);
      assertThat(result.verdict().label()).isEqualTo("within-quantisation");
      assertThat(result.verdict().exit()).isEqualTo(ExitCode.SAME);
      assertThat(floor(w).beyond()).isZero();
      assertThat(floor(w).energyWithin()).isEqualTo(1.0);
      assertThat(floor(w).used()).isBetween(0.9, 1.0);

      float[] moved = values.clone();
      moved[99] *= 1.1f;
      DiffResult beyond =
          Diffs.run(
              TestModel.huggingFace().tensor("w", moved, 64, 64),
              TestModel.huggingFace().tensor("w", type, rounded, 64, 64));
      assertThat(Diffs.of(beyond, "w").status()).isEqualTo(TensorStatus.MOVED);
      assertThat(floor(Diffs.of(beyond, "w")).beyond()).isEqualTo(1);
      assertThat(floor(Diffs.of(beyond, "w")).usedIndex()).isEqualTo(99);
      assertThat(beyond.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
    }
  }

  /** A float64 that float32 rounds is within that rounding; one unit of float32 more is not. */
  @Test
  void float64HasTheAllowanceOfFloat32Alone() throws IOException {
    double[] values = {0.1, 0.2, 0.3};
    DiffResult rounded =
        Diffs.run(
            TestModel.huggingFace()
                .tensor("w", TensorType.F64, Numbers.stored(TensorType.F64, values), 3),
            TestModel.huggingFace().vector("w", 0.1f, 0.2f, 0.3f));
    assertThat(Diffs.of(rounded, "w").status()).isEqualTo(TensorStatus.WITHIN_QUANTISATION);
    DiffResult off =
        Diffs.run(
            TestModel.huggingFace()
                .tensor("w", TensorType.F64, Numbers.stored(TensorType.F64, values), 3),
            TestModel.huggingFace().vector("w", 0.1f, Math.nextUp(0.2f), 0.3f));
    assertThat(Diffs.of(off, "w").status()).isEqualTo(TensorStatus.MOVED);
    assertThat(floor(Diffs.of(off, "w")).beyond()).isEqualTo(1);
  }

  private static ValueDifference float64(double[] a, double[] b) throws IOException {
    return values(
        Diffs.of(
            Diffs.run(
                TestModel.huggingFace()
                    .tensor("w", TensorType.F64, Numbers.stored(TensorType.F64, a), a.length),
                TestModel.huggingFace()
                    .tensor("w", TensorType.F64, Numbers.stored(TensorType.F64, b), b.length)),
            "w"));
  }

  /** What cannot be known in float64 is null, never NaN, and what can be is there. */
  @Test
  void squaresThatLeaveFloat64AreSaidToDoSo() throws IOException {
    ValueDifference large =
        float64(new double[] {1e308, -1e308, 1}, new double[] {1e308, 1e307, 1});
    assertThat(large.outOfRange()).isEqualTo(2);
    assertThat(large.equal()).isEqualTo(2);
    assertThat(requireNonNull(large.max()).index()).isEqualTo(1);
    assertThat(large.mean()).isEqualTo(-1.1e308 / 3);
    assertThat(large.rms()).isNull();
    assertThat(large.relative()).isNull();
    assertThat(large.cosine()).isNull();
    assertThat(large.normA()).isNull();
    assertThat(large.normB()).isNull();

    ValueDifference opposite = float64(new double[] {1e308, 2}, new double[] {-1e308, 2});
    assertThat(opposite.mean()).isNull();
    assertThat(opposite.cosine()).isNull();

    ValueDifference tiny = float64(new double[] {1e-300, 3e-300}, new double[] {1e-300, 4e-300});
    assertThat(tiny.outOfRange()).isEqualTo(2);
    assertThat(tiny.mean()).isEqualTo((3e-300 - 4e-300) / 2);
    assertThat(tiny.rms()).isNull();
    assertThat(tiny.relative()).isNull();
    assertThat(tiny.cosine()).isNull();
  }

  @Test
  void aSquareThatIsTooSmallToMatterHidesNothing() throws IOException {
    ValueDifference difference = float64(new double[] {3, 1e-300}, new double[] {5, 1e-300});
    assertThat(difference.outOfRange()).isEqualTo(1);
    assertThat(difference.rms()).isEqualTo(Math.sqrt(2));
    assertThat(difference.relative()).isEqualTo(2.0 / 3);
    assertThat(difference.cosine()).isEqualTo(1.0);
    assertThat(difference.normA()).isEqualTo(3.0);
  }

  @Test
  void rowsWhoseSquaresLeaveFloat64ComeFirst() throws IOException {
    double[] a = new double[48];
    double[] b = new double[48];
    Arrays.fill(a, 0, 16, 1);
    Arrays.fill(b, 0, 16, 3);
    Arrays.fill(a, 16, 32, 1e300);
    Arrays.fill(b, 16, 32, 2e300);
    DiffResult result =
        Diffs.run(
            TestModel.huggingFace()
                .tensor("w", TensorType.F64, Numbers.stored(TensorType.F64, a), 3, 16),
            TestModel.huggingFace()
                .tensor("w", TensorType.F64, Numbers.stored(TensorType.F64, b), 3, 16));
    RowChanges rows = requireNonNull(values(Diffs.of(result, "w")).rows());
    assertThat(rows.moved()).isEqualTo(2);
    assertThat(rows.most()).containsExactly(new RowChange(1, Double.NaN), new RowChange(0, 2));
  }

  @Test
  void theSameUnquantisedTypeHasNoAllowance() throws IOException {
    byte[] a = Numbers.stored(TensorType.BF16, 1, 2);
    byte[] b = a.clone();
    b[0]++;
    TensorDifference w =
        Diffs.of(
            Diffs.run(
                TestModel.huggingFace().tensor("w", TensorType.BF16, a, 2),
                TestModel.huggingFace().tensor("w", TensorType.BF16, b, 2)),
            "w");
    assertThat(w.status()).isEqualTo(TensorStatus.MOVED);
    assertThat(values(w).floor()).isNull();
  }

  @Test
  void theRunIsRecorded() throws IOException {
    DiffResult result = Diffs.run(vectors(2), vectors(2));
    RunRecord run = result.run();
    assertThat(run.version()).isEqualTo("test");
    assertThat(run.arguments()).containsExactly("diff");
    assertThat(run.device()).isEqualTo("cpu");
    assertThat(run.threads()).isEqualTo(2);
    assertThat(run.inputs()).extracting(InputFingerprint::path).containsExactly("a", "b");
    assertThat(run.inputs().getFirst().sha256()).isEqualTo(run.inputs().getLast().sha256());
    assertThat(result.a().tensors()).isEqualTo(2);
    assertThat(result.a().parameters()).isEqualTo(4);
    assertThat(result.a().types()).containsExactly("F32");
  }

  @Test
  void tensorsAtOddOffsetsAreRead() throws IOException {
    TestModel a = TestModel.huggingFace().tensor("odd", TensorType.I8, new byte[3], 3);
    TestModel b = TestModel.huggingFace();
    for (TestModel model : new TestModel[] {a, b}) {
      model.tensor("w", normal(100, 1), 100);
      model.tensor("d", TensorType.F64, Numbers.stored(TensorType.F64, 1, 2), 2);
    }
    TensorView view = a.checkpoint("a").tensors().get(1);
    assertThat(view.offset() % 2).isEqualTo(1);
    assertThat(Diffs.of(Diffs.run(a, b), "w").status()).isEqualTo(TensorStatus.BIT_IDENTICAL);
    assertThat(Diffs.of(Diffs.run(a, b), "d").status()).isEqualTo(TensorStatus.BIT_IDENTICAL);
  }
}
