package dev.witnessmark.compare.diagnose;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.witnessmark.compare.DiffResult;
import dev.witnessmark.compare.Expectation.ExpectedTensor;
import dev.witnessmark.compare.TensorDifference;
import dev.witnessmark.compare.TensorStatus;
import dev.witnessmark.compare.match.Operand;
import dev.witnessmark.compare.testing.Diffs;
import dev.witnessmark.compare.testing.Numbers;
import dev.witnessmark.compare.testing.TestModel;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.peft.PeftAdapter;
import dev.witnessmark.format.testing.SafetensorsBuilder;
import dev.witnessmark.verdict.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Merges made here, right and wrong, held against the adapter they should carry. */
class ExpectedUpdateTest {

  private static final int OUT = 64;
  private static final int IN = 64;
  private static final int RANK = 2;
  private static final double SCALE = 0.5;
  private static final String NAME = "model.layers.0.self_attn.q_proj.weight";
  private static final float[] BASE = Numbers.normal(OUT * IN, 1);
  private static final float[] A = small(Numbers.normal(RANK * IN, 2));
  private static final float[] B = small(Numbers.normal(OUT * RANK, 3));

  @TempDir Path folder;

  private static float[] small(float[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] *= 0.05f;
    }
    return values;
  }

  /** {@code scale · B · A}, [out, in]. */
  private static double[] update(double scale) {
    double[] update = new double[OUT * IN];
    for (int o = 0; o < OUT; o++) {
      for (int i = 0; i < IN; i++) {
        double sum = 0;
        for (int k = 0; k < RANK; k++) {
          sum += (double) B[o * RANK + k] * A[k * IN + i];
        }
        update[o * IN + i] = scale * sum;
      }
    }
    return update;
  }

  private static float[] merged(float[] base, double scale) {
    double[] update = update(scale);
    float[] merged = new float[base.length];
    for (int i = 0; i < base.length; i++) {
      merged[i] = (float) (base[i] + update[i]);
    }
    return merged;
  }

  private Path adapter(String module, boolean fanInFanOut) throws IOException {
    return adapter(module, fanInFanOut, A, B);
  }

  private Path adapter(String module, boolean fanInFanOut, float[] a, float[] b)
      throws IOException {
    Path adapter = Files.createDirectories(folder.resolve("adapter"));
    Files.writeString(
        adapter.resolve("adapter_config.json"),
        """
        {"peft_type": "LORA", "r": %d, "lora_alpha": %d, "fan_in_fan_out": %s,
         "target_modules": ["%s"]}
        """
            .formatted(
                RANK,
                (int) (RANK * SCALE),
                fanInFanOut,
                module.substring(module.lastIndexOf('.') + 1)));
    String prefix = "base_model.model." + module;
    Files.write(
        adapter.resolve("adapter_model.safetensors"),
        new SafetensorsBuilder()
            .tensor(prefix + ".lora_A.weight", "F32", Numbers.f32(a), RANK, a.length / RANK)
            .tensor(prefix + ".lora_B.weight", "F32", Numbers.f32(b), b.length / RANK, RANK)
            .build());
    return adapter;
  }

  private static TestModel model(TensorType type, float[] values) {
    return TestModel.huggingFace()
        .tensor(NAME, type, Numbers.stored(type, widened(values)), OUT, IN)
        .vector("model.norm.weight", 1f, 2f);
  }

  private static double[] widened(float[] values) {
    double[] widened = new double[values.length];
    Arrays.setAll(widened, i -> values[i]);
    return widened;
  }

  private DiffResult diff(TestModel a, TestModel b) throws IOException {
    return Diffs.run(
        a.operand("a"),
        b.operand("b"),
        Diffs.expecting(adapter("model.layers.0.self_attn.q_proj", false)));
  }

  private static ExpectedTensor only(DiffResult result) {
    List<ExpectedTensor> tensors = requireNonNull(result.expectation()).tensors();
    assertThat(tensors).hasSize(1);
    return tensors.getFirst();
  }

  private static double norm(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value * value;
    }
    return Math.sqrt(sum);
  }

  @Test
  void anExactMergeArrives() throws IOException {
    DiffResult result =
        diff(model(TensorType.F32, BASE), model(TensorType.F32, merged(BASE, SCALE)));
    ExpectedTensor found = only(result);
    assertThat(found.name()).isEqualTo(NAME);
    assertThat(found.values()).isEqualTo(OUT * IN);
    assertThat(found.rank()).isEqualTo(RANK);
    assertThat(found.updateNorm()).isCloseTo(norm(update(SCALE)), within(1e-12));
    assertThat(found.residual()).isNotNull();
    assertThat(found.residual()).isLessThan(1e-4);
    assertThat(found.alignment()).isNotNull();
    assertThat(found.alignment()).isGreaterThan(0.999999);
    assertThat(found.beyond()).isZero();
    assertThat(found.met()).isTrue();
    assertThat(result.verdict().label()).isEqualTo("as-expected");
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.SAME);
    assertThat(Diffs.of(result, NAME).status()).isEqualTo(TensorStatus.MOVED);
  }

  /** Squares that leave the range of float64 leave no number undefined. */
  @Test
  void valuesBeyondTheRangeOfFloat32AreMeasured() throws IOException {
    double[] base = new double[OUT * IN];
    double[] far = new double[OUT * IN];
    Arrays.setAll(base, i -> BASE[i] * 0x1p700);
    double[] update = update(SCALE);
    Arrays.setAll(far, i -> base[i] + update[i] * 0x1p690);
    ExpectedTensor found = only(diff(wide(base), wide(far)));
    double norm = norm(update);
    double original = norm(widened(BASE));

    assertThat(found.updateNorm()).isCloseTo(norm, within(1e-12));
    assertThat(requireNonNull(found.updateRelative()) * 0x1p700)
        .isCloseTo(norm / original, within(1e-12));
    assertThat(requireNonNull(found.residual()) * 0x1p-690).isCloseTo(1, within(1e-9));
    assertThat(found.alignment()).isCloseTo(1, within(1e-9));
  }

  private static TestModel wide(double[] values) {
    return TestModel.huggingFace()
        .tensor(NAME, TensorType.F64, Numbers.stored(TensorType.F64, values), OUT, IN)
        .vector("model.norm.weight", 1f, 2f);
  }

  @Test
  void theShareThatBfloat16LosesIsCounted() throws IOException {
    float[] base = new float[BASE.length];
    float[] stored = new float[BASE.length];
    double[] update = update(SCALE);
    long lost = 0;
    double lostSquared = 0;
    double residualSquared = 0;
    for (int i = 0; i < base.length; i++) {
      base[i] = Numbers.roundedToBfloat16(BASE[i]);
      stored[i] = Numbers.roundedToBfloat16((float) (base[i] + update[i]));
      double off = (double) stored[i] - base[i] - update[i];
      residualSquared += off * off;
      if (stored[i] == base[i]) {
        lost++;
        lostSquared += update[i] * update[i];
      }
    }
    DiffResult result = diff(model(TensorType.BF16, base), model(TensorType.BF16, stored));
    ExpectedTensor found = only(result);
    double norm = norm(update);
    assertThat(lost).isBetween(100L, (long) base.length - 100);
    assertThat(found.lost()).isEqualTo(lost);
    assertThat(found.lostShare()).isEqualTo((double) lost / base.length);
    assertThat(found.lostEnergy()).isCloseTo(lostSquared / norm / norm, within(1e-12));
    assertThat(found.residual()).isNotNull();
    assertThat(found.residual()).isCloseTo(Math.sqrt(residualSquared) / norm, within(1e-12));
    assertThat(found.met()).isTrue();
    assertThat(found.used()).isNotNull();
    assertThat(found.used()).isBetween(0.9, 1.0);
    assertThat(result.verdict().label()).isEqualTo("as-expected");
  }

  @Test
  void aMergeWithTheWrongScaleDoesNotArrive() throws IOException {
    DiffResult result =
        diff(model(TensorType.F32, BASE), model(TensorType.F32, merged(BASE, 2 * SCALE)));
    ExpectedTensor found = only(result);
    assertThat(found.residual()).isNotNull();
    assertThat(found.residual()).isCloseTo(1.0, within(1e-4));
    assertThat(found.alignment()).isNotNull();
    assertThat(found.alignment()).isGreaterThan(0.999999);
    assertThat(found.met()).isFalse();
    assertThat(found.used()).isNotNull();
    assertThat(found.used()).isGreaterThan(100);
    assertThat(result.verdict().label()).isEqualTo("differs");
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
  }

  /** Bounds of a sum that overflows float32 are infinite; they must not explain everything. */
  @Test
  void anUpdateThatOverflowsDoesNotArrive() throws IOException {
    float[] huge = A.clone();
    huge[0] = Float.MAX_VALUE;
    float[] factors = B.clone();
    factors[0] = Float.MAX_VALUE;
    Path overflowing = adapter("model.layers.0.self_attn.q_proj", false, huge, factors);
    DiffResult result =
        Diffs.run(
            model(TensorType.F32, BASE).operand("a"),
            model(TensorType.F32, merged(BASE, SCALE)).operand("b"),
            Diffs.expecting(overflowing));
    assertThat(only(result).beyond()).isPositive();
    assertThat(only(result).met()).isFalse();
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
  }

  /** An infinity in B has an infinite bound too. */
  @Test
  void anInfinityInBIsNotTheExpectedUpdate() throws IOException {
    float[] infinite = merged(BASE, SCALE);
    infinite[5] = Float.POSITIVE_INFINITY;
    DiffResult result = diff(model(TensorType.F32, BASE), model(TensorType.F32, infinite));
    assertThat(only(result).beyond()).isEqualTo(1);
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
  }

  @Test
  void anUpdateThatWasNeverAppliedIsLostAltogether() throws IOException {
    DiffResult result = diff(model(TensorType.F32, BASE), model(TensorType.F32, BASE));
    ExpectedTensor found = only(result);
    assertThat(found.residual()).isEqualTo(1.0);
    assertThat(found.alignment()).isNull();
    assertThat(found.lost()).isEqualTo(OUT * IN);
    assertThat(found.lostShare()).isEqualTo(1.0);
    assertThat(found.lostEnergy()).isEqualTo(1.0);
    assertThat(found.met()).isFalse();
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
  }

  @Test
  void anUpdateOfZeroArrivesWhereNothingChanged() throws IOException {
    Path zero = adapter("model.layers.0.self_attn.q_proj", false, A, new float[OUT * RANK]);
    DiffResult same =
        Diffs.run(
            model(TensorType.F32, BASE).operand("a"),
            model(TensorType.F32, BASE).operand("b"),
            Diffs.expecting(zero));
    ExpectedTensor found = only(same);
    assertThat(found.updateNorm()).isZero();
    assertThat(found.residual()).isNull();
    assertThat(found.alignment()).isNull();
    assertThat(found.lostShare()).isZero();
    assertThat(found.met()).isTrue();
    assertThat(same.verdict().label()).isEqualTo("as-expected");
  }

  @Test
  void anotherTensorThatMovedIsNotExpected() throws IOException {
    TestModel b =
        TestModel.huggingFace()
            .tensor(NAME, merged(BASE, SCALE), OUT, IN)
            .vector("model.norm.weight", 1f, 2.5f);
    DiffResult result = diff(model(TensorType.F32, BASE), b);
    assertThat(only(result).met()).isTrue();
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
  }

  @Test
  void aTargetThatIsMissingInBIsNotPassedOver() throws IOException {
    DiffResult result =
        diff(
            model(TensorType.F32, BASE),
            TestModel.huggingFace().vector("model.norm.weight", 1f, 2f));
    assertThat(requireNonNull(result.expectation()).tensors()).isEmpty();
    assertThat(result.skipped()).hasSize(1);
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.COULD_NOT_COMPARE);
  }

  /** Blocks of 32 with a scale of their own: largest magnitude / 127, as f16. */
  private static byte[] q8(float[] values) {
    byte[] stored = new byte[values.length / 32 * 34];
    for (int block = 0; block < values.length / 32; block++) {
      float largest = 0;
      for (int i = 0; i < 32; i++) {
        largest = Math.max(largest, Math.abs(values[32 * block + i]));
      }
      short scale = Float.floatToFloat16(largest / 127);
      stored[34 * block] = (byte) scale;
      stored[34 * block + 1] = (byte) (scale >> 8);
      for (int i = 0; i < 32; i++) {
        stored[34 * block + 2 + i] = (byte) Math.round(values[32 * block + i] * (127 / largest));
      }
    }
    return stored;
  }

  @Test
  void aMergeThatWasQuantisedArrivesUpToItsSteps() throws IOException {
    TestModel quantised =
        TestModel.huggingFace()
            .tensor(NAME, TensorType.Q8_0, q8(merged(BASE, SCALE)), OUT, IN)
            .vector("model.norm.weight", 1f, 2f);
    ExpectedTensor found = only(diff(model(TensorType.F32, BASE), quantised));
    assertThat(found.met()).isTrue();
    assertThat(found.used()).isNotNull();
    assertThat(found.used()).isBetween(0.5, 1.0);
    TestModel wrong =
        TestModel.huggingFace()
            .tensor(NAME, TensorType.Q8_0, q8(merged(BASE, 30 * SCALE)), OUT, IN)
            .vector("model.norm.weight", 1f, 2f);
    assertThat(only(diff(model(TensorType.F32, BASE), wrong)).met()).isFalse();
  }

  /** Both sides store the rows of q interleaved; the adapter does not. */
  @Test
  void bothSidesInterleaved() throws IOException {
    TestModel a = llama(BASE);
    TestModel b = llama(merged(BASE, SCALE));
    ExpectedTensor found = only(diff(a, b));
    assertThat(found.met()).isTrue();
    assertThat(found.residual()).isNotNull();
    assertThat(found.residual()).isLessThan(1e-4);
  }

  private static TestModel llama(float[] q) {
    return TestModel.gguf("llama")
        .whole("llama.attention.head_count", 4)
        .tensor("blk.0.attn_q.weight", Numbers.interleaved(q, 4, IN), OUT, IN)
        .vector("output_norm.weight", 1f, 2f);
  }

  /** GPT-2 stores the transpose, and its adapters say so. */
  @Test
  void bothSidesTransposed() throws IOException {
    float[] square = Numbers.transposed(BASE, OUT, IN);
    float[] mergedSquare = Numbers.transposed(merged(BASE, SCALE), OUT, IN);
    String name = "transformer.h.0.attn.c_proj.weight";
    Path adapter = adapter("transformer.h.0.attn.c_proj", true);
    TestModel huggingFace = TestModel.huggingFace().tensor(name, square, IN, OUT);
    ExpectedTensor found =
        only(
            Diffs.run(
                huggingFace.operand("a"),
                TestModel.huggingFace().tensor(name, mergedSquare, IN, OUT).operand("b"),
                Diffs.expecting(adapter)));
    assertThat(found.met()).isTrue();
    assertThat(found.residual()).isNotNull();
    assertThat(found.residual()).isLessThan(1e-4);
    TestModel gguf =
        TestModel.gguf("gpt2").tensor("blk.0.attn_output.weight", merged(BASE, SCALE), OUT, IN);
    assertThat(
            only(Diffs.run(huggingFace.operand("a"), gguf.operand("b"), Diffs.expecting(adapter)))
                .met())
        .isTrue();
  }

  /** What quantising the base did to it is part of the floor, as it is without an adapter. */
  @Test
  void aQuantisedBaseWithItsAdapterIsTheMergedModelUpToItsSteps() throws IOException {
    PeftAdapter adapter = TestModel.adapter(NAME, A, B, RANK, SCALE, false);
    Operand adapted = model(TensorType.F32, BASE).operand("unquantised", adapter);
    Operand quantised =
        TestModel.huggingFace()
            .tensor(NAME, TensorType.Q8_0, q8(BASE), OUT, IN)
            .vector("model.norm.weight", 1f, 2f)
            .operand("quantised", TestModel.adapter(NAME, A, B, RANK, SCALE, false));
    TestModel mergedModel = model(TensorType.F32, merged(BASE, SCALE));
    assertThat(Diffs.of(Diffs.run(quantised, mergedModel.operand("b")), NAME).status())
        .isEqualTo(TensorStatus.WITHIN_QUANTISATION);
    Operand wrong = model(TensorType.F32, merged(BASE, 30 * SCALE)).operand("b");
    assertThat(Diffs.of(Diffs.run(quantised, wrong), NAME).status()).isEqualTo(TensorStatus.MOVED);
    assertThat(Diffs.of(Diffs.run(adapted, wrong), NAME).status()).isEqualTo(TensorStatus.MOVED);
  }

  /**
   * A base kept as float16 is a rounding of what was merged; bfloat16 is what models are trained
   * in, and its values are taken for exact.
   */
  @Test
  void aFloat16BaseWithItsAdapterIsTheMergedModelUpToItsRounding() throws IOException {
    PeftAdapter adapter = TestModel.adapter(NAME, A, B, RANK, SCALE, false);
    float[] mergedValues = merged(BASE, SCALE);
    Operand float16 = model(TensorType.F16, BASE).operand("a", adapter);
    TensorDifference rounded =
        Diffs.of(Diffs.run(float16, model(TensorType.F32, mergedValues).operand("b")), NAME);
    assertThat(rounded.status()).isEqualTo(TensorStatus.WITHIN_QUANTISATION);
    assertThat(requireNonNull(requireNonNull(rounded.difference()).floor()).used())
        .isBetween(0.9, 1.0);

    float[] off = mergedValues.clone();
    off[7] += Math.ulp(BASE[7]) * (1 << 13);
    TensorDifference beyond =
        Diffs.of(Diffs.run(float16, model(TensorType.F32, off).operand("b")), NAME);
    assertThat(beyond.status()).isEqualTo(TensorStatus.MOVED);
    assertThat(requireNonNull(requireNonNull(beyond.difference()).floor()).beyond()).isEqualTo(1);

    Operand bfloat16 = model(TensorType.BF16, BASE).operand("a", adapter);
    assertThat(
            Diffs.of(Diffs.run(bfloat16, model(TensorType.F32, mergedValues).operand("b")), NAME)
                .status())
        .isEqualTo(TensorStatus.MOVED);
  }

  /** Trained whole beside the update: under the adapter's name, whatever the base calls it. */
  @Test
  void aReplacementTakesThePlaceOfTheBasesTensor() throws IOException {
    PeftAdapter adapter = replacing("model.norm.weight");
    DiffResult result = Diffs.run(llama(BASE).operand("a", adapter), llama(BASE).operand("b"));
    assertThat(Diffs.of(result, "model.norm.weight").status()).isEqualTo(TensorStatus.MOVED);
  }

  @Test
  void aReplacementOfNoTensorIsRefused() {
    assertThatExceptionOfType(Refusal.MissingPart.class)
        .isThrownBy(() -> llama(BASE).operand("a", replacing("nothing.weight")));
  }

  @Test
  void anExpectedAdapterThatAlsoReplacesIsNoPass() throws IOException {
    Path adapter = adapter("model.layers.0.self_attn.q_proj", false);
    Path config = adapter.resolve("adapter_config.json");
    Files.writeString(
        config,
        Files.readString(config)
            .replace("\"target_modules\"", "\"modules_to_save\": [\"norm\"], \"target_modules\""));
    String prefix = "base_model.model.model.";
    Files.write(
        adapter.resolve("adapter_model.safetensors"),
        new SafetensorsBuilder()
            .tensor(
                prefix + "layers.0.self_attn.q_proj.lora_A.weight", "F32", Numbers.f32(A), RANK, IN)
            .tensor(
                prefix + "layers.0.self_attn.q_proj.lora_B.weight",
                "F32",
                Numbers.f32(B),
                OUT,
                RANK)
            .tensor(prefix + "norm.weight", "F32", Numbers.f32(new float[] {7, 8}), 2)
            .build());
    DiffResult result =
        Diffs.run(
            model(TensorType.F32, BASE).operand("a"),
            model(TensorType.F32, merged(BASE, SCALE)).operand("b"),
            Diffs.expecting(adapter));
    assertThat(result.skipped()).hasSize(1);
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.COULD_NOT_COMPARE);
  }

  private static PeftAdapter replacing(String name) {
    Checkpoint stored = TestModel.huggingFace().vector(name, 7f, 8f).checkpoint("adapter");
    return new PeftAdapter(stored, List.of(), stored.tensors());
  }

  @Test
  void aBaseWithItsAdapterIsTheMergedModel() throws IOException {
    float[] mergedValues = merged(BASE, SCALE);
    for (TestModel base :
        new TestModel[] {TestModel.huggingFace().tensor(NAME, BASE, OUT, IN), llama(BASE)}) {
      Operand adapted =
          base.operand("base+adapter", TestModel.adapter(NAME, A, B, RANK, SCALE, false));
      DiffResult result =
          Diffs.run(
              adapted,
              TestModel.huggingFace()
                  .tensor(NAME, mergedValues, OUT, IN)
                  .vector("model.norm.weight", 1f, 2f)
                  .operand("b"));
      assertThat(
              result.tensors().stream()
                  .filter(t -> t.status().compared() && t.a() != null && t.a().shape().size() == 2)
                  .findFirst()
                  .orElseThrow()
                  .status())
          .isEqualTo(TensorStatus.IDENTICAL);
    }
    Operand transposedBase =
        TestModel.huggingFace()
            .tensor(
                "transformer.h.0.attn.c_attn.weight",
                Numbers.transposed(Numbers.rows(BASE, IN, 0, 48), 48, IN),
                IN,
                48)
            .operand(
                "base+adapter",
                TestModel.adapter(
                    "transformer.h.0.attn.c_attn.weight",
                    A,
                    Numbers.rows(B, RANK, 0, 48),
                    RANK,
                    SCALE,
                    true));
    DiffResult gpt2 =
        Diffs.run(
            transposedBase,
            TestModel.gguf("gpt2")
                .tensor("blk.0.attn_qkv.weight", Numbers.rows(mergedValues, IN, 0, 48), 48, IN)
                .operand("b"));
    assertThat(gpt2.tensors().getFirst().status()).isEqualTo(TensorStatus.IDENTICAL);
  }

  @Test
  void adaptersThatDoNotFitAreRefused() {
    TestModel base = TestModel.huggingFace().tensor(NAME, BASE, OUT, IN);
    assertThatThrownBy(
            () -> base.operand("x", TestModel.adapter("no.such.weight", A, B, RANK, 1, false)))
        .isInstanceOf(Refusal.MissingPart.class);
    assertThatThrownBy(() ->
            base.operand("x", TestModel.adapter(NAME, new float[RANK * 3], B, RANK, 1, false)))
        .isInstanceOfSatisfying(
            Refusal.Inconsistent.class,
            refusal -> {
              assertThat(refusal.found()).isEqualTo(3);
              assertThat(refusal.expected()).isEqualTo(IN);
            });
    assertThatThrownBy(() ->
            base.operand("x", TestModel.adapter(NAME, A, new float[RANK * 5], RANK, 1, false)))
        .isInstanceOfSatisfying(
            Refusal.Inconsistent.class,
            refusal -> {
              assertThat(refusal.found()).isEqualTo(5);
              assertThat(refusal.expected()).isEqualTo(OUT);
            });
    assertThatThrownBy(() ->
            TestModel.huggingFace()
                .vector("model.norm.weight", new float[IN])
                .operand(
                    "x", TestModel.adapter("model.norm.weight", A, new float[2], RANK, 1, false)))
        .isInstanceOf(Refusal.Inconsistent.class);
  }
}
