package dev.witnessmark.falsify;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an experiment says of a hypothesis. There is no way to be confirmed, or rejected, without a
 * control that came out the other way.
 */
public sealed interface Finding {

  /** What was claimed. */
  Hypothesis hypothesis();

  /** What was measured. */
  double measured();

  /** The control, where there was one. */
  Optional<Control> possibleControl();

  /** Which kind of finding this is. */
  Outcome outcome();

  /**
   * Holds a measurement and its control against a hypothesis.
   *
   * @param control null where there was none
   */
  static Finding of(Hypothesis hypothesis, double measured, @Nullable Control control) {
    boolean held = hypothesis.predicts(measured);
    if (control == null || hypothesis.predicts(control.measured()) == held) {
      return new NotShown(hypothesis, measured, control);
    }
    return held
        ? new Confirmed(hypothesis, measured, control)
        : new Rejected(hypothesis, measured, control);
  }

  /** As predicted, and not so without the supposed cause. */
  record Confirmed(Hypothesis hypothesis, double measured, Control control) implements Finding {

    /**
     * @throws IllegalArgumentException unless the prediction held and failed in the control
     */
    public Confirmed {
      if (!hypothesis.predicts(measured) || hypothesis.predicts(control.measured())) {
        throw new IllegalArgumentException("the control of a confirmation must fail");
      }
    }

    @Override
    public Optional<Control> possibleControl() {
      return Optional.of(control);
    }

    @Override
    public Outcome outcome() {
      return Outcome.CONFIRMED;
    }
  }

  /** Not as predicted, though the same measurement can come out so. */
  record Rejected(Hypothesis hypothesis, double measured, Control control) implements Finding {

    /**
     * @throws IllegalArgumentException unless the prediction failed and held in the control
     */
    public Rejected {
      if (hypothesis.predicts(measured) || !hypothesis.predicts(control.measured())) {
        throw new IllegalArgumentException("the control of a rejection must hold");
      }
    }

    @Override
    public Optional<Control> possibleControl() {
      return Optional.of(control);
    }

    @Override
    public Outcome outcome() {
      return Outcome.REJECTED;
    }
  }

  /**
   * Nothing follows: there was no control, or it came out the same way, so that the measurement
   * does not depend on what was claimed.
   *
   * @param control null where there was none
   */
  record NotShown(Hypothesis hypothesis, double measured, @Nullable Control control)
      implements Finding {

    @Override
    public Optional<Control> possibleControl() {
      return Optional.ofNullable(control);
    }

    @Override
    public Outcome outcome() {
      return Outcome.NOT_SHOWN;
    }
  }
}
