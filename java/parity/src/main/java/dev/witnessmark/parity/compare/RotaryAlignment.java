package dev.witnessmark.parity.compare;

import dev.witnessmark.model.transformer.Hyperparameters;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;

/**
 * Brings queries and keys from one layout of rotary embedding to the other. The two are the same
 * numbers in another order: pair i is at 2i and 2i + 1, or at i and i + rotated/2.
 */
final class RotaryAlignment {

  private RotaryAlignment() {}

  /** Whether a stage has elements in an order that depends on the layout. */
  static boolean concerns(Stage stage) {
    return switch (stage) {
      case QKV_MATMUL, QKV_BIAS, Q_POST_ROPE, K_POST_ROPE -> true;
      default -> false;
    };
  }

  /** The values of {@code key} in the layout {@code to}; the same array where that changes none. */
  static double[] align(
      StageKey key, double[] values, Hyperparameters sizes, boolean from, boolean to) {
    if (from == to || !concerns(key.stage())) {
      return values;
    }
    int row = key.stage().rowElements(sizes);
    int turned =
        switch (key.stage()) {
          case Q_POST_ROPE, K_POST_ROPE -> row;
          default -> row - sizes.keyElements();
        };
    int half = sizes.rotary().rotated() / 2;
    double[] aligned = values.clone();
    for (int first = 0; first < values.length; first += row) {
      for (int head = first; head < first + turned; head += sizes.headSize()) {
        for (int i = 0; i < half; i++) {
          int lower = head + (to ? 2 * i : i);
          int upper = head + (to ? 2 * i + 1 : i + half);
          aligned[lower] = values[head + (from ? 2 * i : i)];
          aligned[upper] = values[head + (from ? 2 * i + 1 : i + half)];
        }
      }
    }
    return aligned;
  }
}
