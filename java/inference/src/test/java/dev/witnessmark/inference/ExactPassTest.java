package dev.witnessmark.inference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.CheckpointReader;
import dev.witnessmark.format.Limits;
import dev.witnessmark.kernels.exact.ExactDevice;
import dev.witnessmark.kernels.exact.ExactMemory;
import dev.witnessmark.kernels.operation.Element;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The pass in float64 against captures that were made by another program. */
class ExactPassTest {

  /** What the README of the captures asks for, relative to the largest value of a stage. */
  private static final double AGREEMENT = 1e-9;

  @ParameterizedTest
  @CsvSource({
    "base-q4_k_m.gguf, base-q4_k_m.gguf__sum",
    "base-q8_0.gguf, base-q8_0.gguf__sum",
    "base, base__sum",
    "base, base__beginning",
    "psalms-merged, psalms-merged__lord",
    "reasoning, reasoning__sum",
    "llama, llama__lord",
    "moe, moe__sum"
  })
  void everyStageAgrees(String model, String golden) throws IOException {
    Golden expected = Golden.read(Path.of("/work/shared/golden/trace/" + golden + ".safetensors"));
    try (Checkpoint checkpoint =
            CheckpointReader.open(Path.of("/work/shared/models/" + model), Limits.DEFAULT);
        ExactDevice device = new ExactDevice()) {
      Model described = Model.of(checkpoint);
      PassOptions options =
          new PassOptions(
              PathPlan.all(MatrixPath.F32), 64, 64, Element.FLOAT32, 1L << 30, LaunchMode.EAGER);
      try (ForwardPass<ExactMemory> pass = ForwardPass.open(described, device, options)) {
        Captured<ExactMemory> captured = new Captured<>();
        pass.run(expected.tokens(), captured);
        expected
            .stages()
            .forEach((key, values) -> {
              double[] ours = Objects.requireNonNull(captured.stages().get(key), key::toString);
              assertThat(ours).as(key.toString()).hasSameSizeAs(values);
              double largest = 0;
              double worst = 0;
              for (int i = 0; i < values.length; i++) {
                largest = Math.max(largest, Math.abs(values[i]));
                worst = Math.max(worst, Math.abs(values[i] - ours[i]));
              }
              System.out.println(key + " " + worst / largest);
              assertThat(worst / largest).as(key.toString()).isLessThan(AGREEMENT);
            });
        assertThat(captured.stages()).hasSizeGreaterThanOrEqualTo(expected.stages().size());
      }
    }
  }
}
