package dev.witnessmark.format.peft;

import dev.witnessmark.format.CheckpointReader;
import dev.witnessmark.format.Limits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

public final class PeftReader {
  private PeftReader() {}

  public static PeftAdapter read(Path path, Limits limits) throws IOException {
    return new PeftAdapter(CheckpointReader.open(path, limits), List.of(), List.of());
  }
}
