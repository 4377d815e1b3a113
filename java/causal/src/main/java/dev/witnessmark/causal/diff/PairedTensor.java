package dev.witnessmark.causal.diff;

import dev.witnessmark.fingerprint.BlockNumber;
import dev.witnessmark.fingerprint.LayerType;
import dev.witnessmark.fingerprint.Projection;
import java.util.OptionalLong;

/**
 * A tensor that both models have.
 *
 * @param name its name in the base
 * @param tunedName its name in the tuned model
 * @param layerType what it is filed under
 * @param rows rows of both
 * @param columns values of a row
 * @param bytes what has to be read, of both sides together
 */
public record PairedTensor(
    String name, String tunedName, LayerType layerType, long rows, long columns, long bytes) {

  /** What the tensor projects, by its name. */
  public Projection projection() {
    return Projection.of(name);
  }

  /** The block that the name says, if it does. */
  public OptionalLong block() {
    return BlockNumber.of(name);
  }
}
