package dev.witnessmark.falsify.experiment;

import dev.witnessmark.falsify.Experiment;
import java.util.List;

/** The table of experiments, in the order of their numbers. */
public final class Experiments {

  private Experiments() {}

  public static List<Experiment<?>> all() {
    return List.of(
        OrderOfAdditions.experiment(),
        Dequantisation.experiment(),
        TwoPaths.experiment(),
        FiveProducts.experiment(),
        WeightScale.experiment(),
        SoftmaxShift.experiment(),
        RotaryPhase.experiment(),
        SevenTokens.experiment(),
        RootMeanSquare.experiment());
  }
}
