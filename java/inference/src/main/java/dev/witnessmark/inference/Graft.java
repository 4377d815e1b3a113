package dev.witnessmark.inference;

import dev.witnessmark.model.transformer.StageKey;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Puts other values in the place of what a stage has made. */
@FunctionalInterface
public interface Graft {

  /** Changes nothing. */
  Graft NONE = (key, call) -> Optional.empty();

  /**
   * The rows of {@code key} for the positions of {@code call}, float32; empty to leave it as it is.
   */
  Optional<MemorySegment> rows(StageKey key, Call call) throws IOException;
}
