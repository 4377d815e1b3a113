package dev.witnessmark.parity.check;

import dev.witnessmark.inference.LaunchMode;
import dev.witnessmark.model.transformer.StageKey;
import java.util.List;
import java.util.Optional;

/**
 * One run of a prompt on the device, against the oracle.
 *
 * @param mode how work was launched
 * @param repetition number of the run, from 1
 * @param stages stages of calls that were compared
 * @param differing how many of them have other bits
 * @param first the first that has
 * @param positions logits after every call
 */
public record RunCheck(
    LaunchMode mode,
    int repetition,
    long stages,
    long differing,
    Optional<Place> first,
    List<PositionCheck> positions) {

  public RunCheck {
    positions = List.copyOf(positions);
  }

  /**
   * A stage of a call.
   *
   * @param position first position of the call
   * @param key the stage
   */
  public record Place(int position, StageKey key) {}

  /** Whether every bit of every stage is the oracle's. */
  public boolean same() {
    return differing == 0;
  }
}
