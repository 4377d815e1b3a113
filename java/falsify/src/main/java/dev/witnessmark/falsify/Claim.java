package dev.witnessmark.falsify;

import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * A hypothesis with where an experiment's outcome answers it.
 *
 * @param hypothesis what is claimed
 * @param measured reads the measurement off
 * @param control how the control is made and read off; null where none is possible
 * @param published what was concluded when it was published; null where it was not claimed then
 * @param expected what must follow; anything else is a fault of this program or its device
 * @param meaning what that means, in a sentence
 * @param <R> the outcome
 */
public record Claim<R>(
    Hypothesis hypothesis,
    ToDoubleFunction<R> measured,
    @Nullable ControlReading<R> control,
    @Nullable Outcome published,
    Outcome expected,
    String meaning) {

  /**
   * Where the control is read off.
   *
   * @param change what was changed
   * @param measured reads the measurement off
   * @param <R> the outcome
   */
  public record ControlReading<R>(String change, ToDoubleFunction<R> measured) {}

  JudgedClaim of(R outcome) {
    Control seen =
        control == null
            ? null
            : new Control(control.change(), control.measured().applyAsDouble(outcome));
    return new JudgedClaim(
        Finding.of(hypothesis, measured.applyAsDouble(outcome), seen),
        published,
        expected,
        meaning);
  }
}
