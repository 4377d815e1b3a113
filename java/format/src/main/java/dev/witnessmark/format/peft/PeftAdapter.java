package dev.witnessmark.format.peft;

import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.TensorView;
import java.io.IOException;
import java.util.List;

public record PeftAdapter(
    Checkpoint checkpoint, List<LowRankUpdate> updates, List<TensorView> replacements)
    implements AutoCloseable {
  @Override
  public void close() throws IOException {
    checkpoint.close();
  }
}
