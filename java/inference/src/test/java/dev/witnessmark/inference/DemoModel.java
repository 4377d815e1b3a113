package dev.witnessmark.inference;

import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.CheckpointReader;
import dev.witnessmark.format.Limits;
import dev.witnessmark.kernels.operation.Element;
import java.io.IOException;
import java.nio.file.Path;

/** The small trained model that ships with the program. */
record DemoModel(Checkpoint checkpoint, Model model) implements AutoCloseable {

  private static final long PLENTY = 1L << 30;

  static DemoModel open() throws IOException {
    Checkpoint checkpoint =
        CheckpointReader.open(Path.of("../../src/dist/demo/base-q4_k_m.gguf"), Limits.DEFAULT);
    return new DemoModel(checkpoint, Model.of(checkpoint));
  }

  static PassOptions options(String path, int batch) {
    return new PassOptions(PathPlan.parse(path), batch, 64, Element.FLOAT32, PLENTY);
  }

  @Override
  public void close() throws IOException {
    checkpoint.close();
  }
}
