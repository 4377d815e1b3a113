package dev.witnessmark.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.CheckpointReader;
import dev.witnessmark.format.Limits;
import dev.witnessmark.kernels.exact.ExactDevice;
import dev.witnessmark.kernels.exact.ExactMemory;
import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.kernels.numerics.RotaryTable;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.model.transformer.RotaryPlan;
import dev.witnessmark.model.transformer.StageKey;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every known architecture against a forward pass that was written apart from ours. */
class ArchitecturesTest {

  /** Metadata of GGUF is float32. */
  private static final double AGREEMENT_OF_GGUF = 1e-6;

  @TempDir
  @SuppressWarnings("NullAway.Init") // Set by JUnit.
  Path folder;

  static List<String> models() throws IOException {
    return TinyModel.names();
  }

  /** Rows of all positions, batch after batch; attention's squares are not rows. */
  private static final class Rows<M> implements StageSink<M> {

    private final Map<StageKey, double[]> stages = new TreeMap<>();

    @Override
    public boolean wants(StageKey key) {
      return key.stage().isPerPosition();
    }

    @Override
    public void take(StageTensor<M> tensor) {
      stages.merge(
          tensor.key(),
          tensor.reals(),
          (a, b) -> DoubleStream.concat(DoubleStream.of(a), DoubleStream.of(b)).toArray());
    }
  }

  private static <M> Map<StageKey, double[]> stages(
      Checkpoint checkpoint, int[] tokens, Device<M> device) throws IOException {
    try (ForwardPass<M> pass =
        ForwardPass.open(Model.of(checkpoint), device, DemoModel.options("f32", 64))) {
      Captured<M> captured = new Captured<>();
      pass.run(tokens, captured);
      return captured.stages();
    }
  }

  private static Map<StageKey, double[]> exactStages(Checkpoint checkpoint, int[] tokens)
      throws IOException {
    try (ExactDevice device = new ExactDevice()) {
      return ArchitecturesTest.<ExactMemory>stages(checkpoint, tokens, device);
    }
  }

  private static void assertClose(double[] ours, double[] expected, StageKey key, double within) {
    assertThat(ours).as(key.name()).hasSameSizeAs(expected);
    assertThat(Golden.distance(ours, expected)).as(key.name()).isLessThan(within);
  }

  @ParameterizedTest
  @MethodSource("models")
  void agreesInFloat64(String name) throws IOException {
    try (TinyModel tiny = TinyModel.open(name, folder)) {
      Golden golden = tiny.golden();
      Map<StageKey, double[]> ours = exactStages(tiny.checkpoint(), golden.tokens());
      assertThat(ours.keySet()).containsAll(golden.stages().keySet());
      golden
          .stages()
          .forEach((key, expected) ->
              assertClose(Objects.requireNonNull(ours.get(key)), expected, key, 1e-9));
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void isCloseInFloat32AndTheSameInVectorCode(String name) throws IOException {
    try (TinyModel tiny = TinyModel.open(name, folder)) {
      Golden golden = tiny.golden();
      Map<StageKey, double[]> scalar =
          stages(tiny.checkpoint(), golden.tokens(), HostDevice.scalar());
      golden
          .stages()
          .forEach((key, expected) ->
              assertClose(Objects.requireNonNull(scalar.get(key)), expected, key, 1e-4));
      Map<StageKey, double[]> vector =
          stages(tiny.checkpoint(), golden.tokens(), HostDevice.best());
      assertThat(vector.keySet()).isEqualTo(scalar.keySet());
      vector.forEach((key, values) -> assertThat(values).as(key.name()).isEqualTo(scalar.get(key)));
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void theSizeOfABatchChangesNothing(String name) throws IOException {
    try (TinyModel tiny = TinyModel.open(name, folder)) {
      Map<StageKey, double[]> atOnce = inBatches(tiny, 64);
      for (int batch : new int[] {1, 3}) {
        inBatches(tiny, batch)
            .forEach((key, values) ->
                assertThat(values).as(key.name() + " by " + batch).isEqualTo(atOnce.get(key)));
      }
    }
  }

  private static Map<StageKey, double[]> inBatches(TinyModel tiny, int batch) throws IOException {
    try (ForwardPass<MemorySegment> pass =
        ForwardPass.open(
            Model.of(tiny.checkpoint()), HostDevice.best(), DemoModel.options("f32", batch))) {
      Rows<MemorySegment> rows = new Rows<>();
      pass.run(tiny.golden().tokens(), rows);
      return rows.stages;
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void hasTheFrequenciesOfNumpy(String name) throws IOException {
    try (TinyModel tiny = TinyModel.open(name, folder)) {
      RotaryPlan rotary = Model.of(tiny.checkpoint()).hyperparameters().rotary();
      assertThat(rotary.frequencies()).containsExactly(tiny.frequencies(), within(1e-15));
      assertThat(rotary.temperature()).isCloseTo(tiny.attentionFactor(), within(1e-15));
      double[] table = RotaryTable.of(new int[] {3, 4}, rotary.frequencies(), rotary.temperature());
      for (int pair = 0; pair < tiny.frequencies().length; pair++) {
        double angle = 4 * tiny.frequencies()[pair];
        int at = rotary.rotated() + 2 * pair;
        assertThat(table[at]).isCloseTo(tiny.attentionFactor() * Math.cos(angle), within(1e-14));
        assertThat(table[at + 1])
            .isCloseTo(tiny.attentionFactor() * Math.sin(angle), within(1e-14));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void isTheSameModelInGguf(String name) throws IOException {
    Path gguf = folder.resolve("model.gguf");
    Path original = Files.createDirectory(folder.resolve("original"));
    try (TinyModel tiny = TinyModel.open(name, original)) {
      Files.write(gguf, GgufForm.of(tiny));
      try (Checkpoint checkpoint = CheckpointReader.open(gguf, Limits.DEFAULT)) {
        Map<StageKey, double[]> ours = exactStages(checkpoint, tiny.golden().tokens());
        tiny.golden()
            .stages()
            .forEach((key, values) ->
                assertClose(
                    Objects.requireNonNull(ours.get(key)),
                    GgufForm.reordered(tiny, key, values),
                    key,
                    AGREEMENT_OF_GGUF));
      }
    }
  }
}
