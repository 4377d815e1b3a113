package dev.witnessmark.inference;

import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.CheckpointReader;
import dev.witnessmark.format.Limits;
import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.kernels.operation.Element;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForwardPassTest {

  @ParameterizedTest
  @CsvSource({
    "base-q4_k_m.gguf, base-q4_k_m.gguf__sum, q8",
    "base-q4_k_m.gguf, base-q4_k_m.gguf__sum, f32",
    "base-q8_0.gguf, base-q8_0.gguf__sum, q8",
    "base, base__sum, f32",
    "llama, llama__lord, f32",
    "llama-f16.gguf, llama__lord, f32",
    "moe, moe__sum, f32",
    "moe-q4_k_m.gguf, moe__sum, q8",
    "reasoning-q4_k_m.gguf, reasoning__sum, q8"
  })
  void greedy(String model, String golden, String path) throws IOException {
    Golden expected = Golden.read(Path.of("/work/shared/golden/trace/" + golden + ".safetensors"));
    try (Checkpoint checkpoint =
        CheckpointReader.open(Path.of("/work/shared/models/" + model), Limits.DEFAULT)) {
      Model described = Model.of(checkpoint);
      for (HostDevice device : HostDevice.all()) {
        PassOptions options =
            new PassOptions(
                PathPlan.parse(path), 4, 64, Element.FLOAT32, 1L << 30, LaunchMode.EAGER);
        try (ForwardPass<MemorySegment> pass = ForwardPass.open(described, device, options)) {
          Captured<MemorySegment> captured = new Captured<>();
          pass.run(expected.tokens(), captured);
          double[] last =
              Objects.requireNonNull(
                  expected
                      .stages()
                      .get(new Golden.Key(dev.witnessmark.model.transformer.Stage.LM_HEAD, -1)));
          double[] logits = pass.logits().reals();
          double worst = 0;
          for (int i = 0; i < last.length; i++) {
            worst = Math.max(worst, Math.abs(last[i] - logits[i]));
          }
          int[] greedy = new int[24];
          long start = System.nanoTime();
          for (int i = 0; i < greedy.length; i++) {
            double[] l = pass.logits().reals();
            int best = 0;
            for (int j = 0; j < l.length; j++) {
              if (l[j] > l[best]) {
                best = j;
              }
            }
            greedy[i] = best;
            pass.run(new int[] {best}, StageSink.none());
          }
          System.out.println(
              model
                  + " "
                  + path
                  + " "
                  + device.name()
                  + " logits off "
                  + worst
                  + " "
                  + Arrays.equals(greedy, expected.greedy())
                  + " "
                  + (System.nanoTime() - start) / 24e6
                  + " ms/token");
        }
      }
    }
  }
}
