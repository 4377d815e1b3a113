package dev.witnessmark.falsify.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.witnessmark.falsify.Outcome;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.CheckpointReader;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.inference.ForwardPass;
import dev.witnessmark.inference.Model;
import dev.witnessmark.inference.PassOptions;
import dev.witnessmark.inference.PathPlan;
import dev.witnessmark.inference.StageSink;
import dev.witnessmark.inference.StageTensor;
import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.Element;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.verdict.Progress;
import dev.witnessmark.verdict.RunRecord;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Both paths through the small trained model that ships with the program. */
class ModelExperimentTest {

  private static final Path DEMO = Path.of("../../src/dist/demo/base-q4_k_m.gguf");
  private static final int LAYERS = 6;

  private static final int[] TOKENS = {50, 27, 294, 19, 28};

  private static final RunRecord RUN =
      new RunRecord("0", List.of(), "cpu", "test", "test", 1, 0, "25", List.of());

  private static PassOptions options(String path, int batch) {
    return new PassOptions(PathPlan.parse(path), batch, TOKENS.length, Element.FLOAT32, 1L << 30);
  }

  @SuppressWarnings("NullAway.Init") // Set before the first test.
  private static ModelResult result;

  @BeforeAll
  static void run() throws IOException {
    result = run(HostDevice.scalar(), TOKENS.length);
  }

  private static ModelResult run(Device<MemorySegment> device, int batch) throws IOException {
    try (Checkpoint checkpoint = CheckpointReader.open(DEMO, Limits.DEFAULT)) {
      return ModelExperiment.run(
          Model.of(checkpoint), device, TOKENS, options("f32", batch), RUN, Progress.NONE);
    }
  }

  private static float[] layerOutput(String path, int layer) throws IOException {
    try (Checkpoint checkpoint = CheckpointReader.open(DEMO, Limits.DEFAULT);
        ForwardPass<MemorySegment> pass =
            ForwardPass.open(
                Model.of(checkpoint), HostDevice.scalar(), options(path, TOKENS.length))) {
      StageKey wanted = StageKey.of(Stage.POST_FFN_RESIDUAL, layer);
      float[][] seen = new float[1][];
      pass.run(
          TOKENS,
          new StageSink<MemorySegment>() {
            @Override
            public boolean wants(StageKey key) {
              return key.equals(wanted);
            }

            @Override
            public void take(StageTensor<MemorySegment> tensor) {
              seen[0] = tensor.floats();
            }
          });
      return seen[0];
    }
  }

  /**
   * A model that was measured once: rounding of activations is all there is, in every matrix, and
   * the broken kernel would have stood out in every one.
   */
  @Test
  void roundingExplainsEveryMatrix() throws IOException {
    assertThat(result.matrices()).hasSize(7 * LAYERS + 1);
    assertThat(result.others()).isZero();
    assertThat(result.matrices())
        .extracting(MatrixNoise::name)
        .startsWith("blk.0.attn_q.weight", "blk.0.attn_k.weight", "blk.0.attn_v.weight")
        .endsWith("blk.5.ffn_down.weight", "output.weight");
    assertThat(result.matrices()).allMatch(MatrixNoise::sees);
    assertThat(result.matrices().subList(0, 7 * LAYERS))
        .allSatisfy(matrix -> assertThat(matrix.z()).as(matrix.name()).isBetween(0.75, 1.25));
    MatrixNoise down = result.matrices().get(6);
    assertThat(down.type()).isEqualTo(TensorType.Q4_K);
    assertThat(down.results()).isEqualTo(256L * TOKENS.length);
    assertThat(down.rows()).isEqualTo(TOKENS.length);
    assertThat(result.verdict().label()).isEqualTo("explained");
    assertThat(result.findings()).allMatch(finding -> finding.outcome() == Outcome.CONFIRMED);
  }

  @Test
  void theDepthCurveIsThatOfTheTwoPaths() throws IOException {
    int last = LAYERS - 1;
    float[] f32 = layerOutput("f32", last);
    float[] q8 = layerOutput("q8", last);
    double difference = 0;
    double length = 0;
    for (int i = 0; i < f32.length; i++) {
      difference += ((double) q8[i] - f32[i]) * ((double) q8[i] - f32[i]);
      length += (double) f32[i] * f32[i];
    }
    assertThat(result.layers()).hasSize(LAYERS);
    assertThat(result.layers().get(last).whole())
        .isCloseTo(Math.sqrt(difference / length), within(1e-15));
    LayerDifference first = result.layers().getFirst();
    assertThat(first.whole()).isEqualTo(first.own()).isEqualTo(first.fromFirst());
    assertThat(result.layers())
        .allSatisfy(layer -> assertThat(layer.own()).isBetween(0.0, layer.whole()));
    assertThat(result.overIndependent()).isBetween(0.7, 1.3);
  }

  /** Neither the device nor how positions are batched changes a bit of what is reported. */
  @Test
  void vectorCodeAndBatchesGiveTheSame() throws IOException {
    ModelResult inThrees = run(HostDevice.best(), 3);

    assertThat(inThrees.layers()).isEqualTo(result.layers());
    assertThat(inThrees.matrices())
        .extracting(MatrixNoise::name)
        .isEqualTo(result.matrices().stream().map(MatrixNoise::name).toList());
    // The head is only computed for the last position of a call.
    for (int i = 0; i < 7 * LAYERS; i++) {
      assertThat(inThrees.matrices().get(i)).isEqualTo(result.matrices().get(i));
    }
  }
}
