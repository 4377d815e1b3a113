package dev.witnessmark.inference;

import dev.witnessmark.model.transformer.Stage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Puts other values in the place of what a stage has made. */
@FunctionalInterface
public interface Graft {

  /** Changes nothing. */
  Graft NONE = (stage, layer, call) -> Optional.empty();

  /**
   * The rows of {@code stage} for the positions of {@code call}, float32; empty to leave it as it
   * is.
   */
  Optional<MemorySegment> rows(Stage stage, int layer, Call call) throws IOException;
}
