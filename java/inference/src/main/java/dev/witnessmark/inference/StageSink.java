package dev.witnessmark.inference;

import dev.witnessmark.model.transformer.StageKey;
import java.io.IOException;

/**
 * Is shown stages as they are made. It cannot change them.
 *
 * @param <M> memory of the device
 */
public interface StageSink<M> {

  /** Whether this stage is to be shown. */
  boolean wants(StageKey key);

  /**
   * Looks at a stage.
   *
   * @throws IOException if it could not be kept; the pass ends with it
   */
  void take(StageTensor<M> tensor) throws IOException;

  /** One that wants nothing. */
  static <M> StageSink<M> none() {
    return new StageSink<>() {
      @Override
      public boolean wants(StageKey key) {
        return false;
      }

      @Override
      public void take(StageTensor<M> tensor) {}
    };
  }
}
