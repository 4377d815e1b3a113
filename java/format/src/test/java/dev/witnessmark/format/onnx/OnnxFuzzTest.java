package dev.witnessmark.format.onnx;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.OpenFiles;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.testing.BytesSource;
import java.io.IOException;
import java.nio.file.Path;

class OnnxFuzzTest {

  @FuzzTest
  void model(byte[] file) throws IOException {
    try (OpenFiles files = new OpenFiles();
        Checkpoint checkpoint =
            OnnxReader.read(
                Path.of("fuzz.onnx"), new BytesSource("fuzz", file), files, Limits.DEFAULT)) {
      WellFormed.check(checkpoint);
    } catch (Refusal expected) {
      // The only way to fail.
    }
  }
}
