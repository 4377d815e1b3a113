package dev.witnessmark.parity.measure;

import dev.witnessmark.kernels.operation.CrushedBlocks;
import dev.witnessmark.model.transformer.Hyperparameters;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** What makes a stage's error look larger, or smaller, than it is. */
public final class Diagnosis {

  private static final int BLOCK = 256;

  /** A sum this much smaller than its parts shows their errors that much larger. */
  private static final double CANCELLED = 1.0 / 16;

  private static final Set<Stage> MULTIPLIED =
      EnumSet.of(
          Stage.ATTN_NORM, Stage.ATTENTION, Stage.FFN_NORM, Stage.FFN_SWIGL, Stage.FINAL_NORM);

  private static final Set<Stage> SUMS =
      EnumSet.of(Stage.POST_ATTN_RESIDUAL, Stage.POST_FFN_RESIDUAL);

  private Diagnosis() {}

  /** Whether quantising a stage, which a matrix is multiplied by, crushes a block of it. */
  public static Optional<String> crushed(StageKey key, float[] values, Hyperparameters sizes) {
    if (!MULTIPLIED.contains(key.stage())) {
      return Optional.empty();
    }
    int row = key.stage().rowElements(sizes);
    double worst = 0;
    int worstRow = -1;
    int rows = 0;
    for (int first = 0; first < values.length; first += row) {
      double ratio = largestRatio(values, first, first + row);
      rows += ratio >= CrushedBlocks.LIMIT ? 1 : 0;
      if (ratio > worst) {
        worst = ratio;
        worstRow = first / row;
      }
    }
    return rows == 0
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "%s has crushed blocks at %d of %d positions: at %d one value is %.1f times all"
                    + " others of its 256",
                key,
                rows,
                values.length / row,
                worstRow,
                worst));
  }

  /** The largest ratio of largest to second-largest magnitude in a block of a row. */
  public static double largestRatio(float[] values, int from, int to) {
    double ratio = 0;
    for (int block = from; block < to; block += BLOCK) {
      ratio = Math.max(ratio, ratio(values, block, Math.min(block + BLOCK, to)));
    }
    return ratio;
  }

  private static double ratio(float[] values, int from, int to) {
    double largest = 0;
    double second = 0;
    for (int i = from; i < to; i++) {
      double magnitude = Math.abs(values[i]);
      if (magnitude > largest) {
        second = largest;
        largest = magnitude;
      } else {
        second = Math.max(second, magnitude);
      }
    }
    return second == 0 ? 0 : largest / second;
  }

  /** Whether a residual sum cancels, so that errors of its parts look large beside it. */
  public static Optional<String> cancelled(
      StageKey key, Collection<StageKey> parts, Function<StageKey, float[]> values, float[] sum) {
    if (!SUMS.contains(key.stage())) {
      return Optional.empty();
    }
    double norms = 0;
    for (StageKey part : parts) {
      norms += norm(values.apply(part));
    }
    double share = norm(sum) / norms;
    return share >= CANCELLED || Double.isNaN(share)
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "%s cancels: its norm is %.3g of those of its parts together",
                key,
                share));
  }

  private static double norm(float[] values) {
    double squares = 0;
    for (float value : values) {
      squares += (double) value * value;
    }
    return Math.sqrt(squares);
  }
}
