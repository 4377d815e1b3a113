package dev.witnessmark.report;

import dev.witnessmark.compare.Extreme;
import dev.witnessmark.compare.TensorDifference;
import dev.witnessmark.compare.TensorStatus;
import dev.witnessmark.compare.ValueDifference;
import java.util.Comparator;
import java.util.function.ToDoubleFunction;

/** Orders in which tensors can be listed. Ties keep the order of the files. */
public enum DiffSort {
  /** Largest relative change first. */
  RELATIVE,
  /** Largest |Δ| first. */
  MAX,
  /** Largest RMS of Δ first. */
  RMS,
  /** Smallest cosine first. */
  COSINE,
  /** By name of the tensor. */
  NAME,
  /** As in the files. */
  FILE;

  Comparator<TensorDifference> comparator() {
    return switch (this) {
      case RELATIVE -> largest(d -> d.relative() == null ? Double.POSITIVE_INFINITY : d.relative());
      case MAX -> largest(DiffSort::maxAbs);
      case RMS -> largest(d -> d.rms() == null ? Double.POSITIVE_INFINITY : d.rms());
      case COSINE -> largest(d -> d.cosine() == null ? -2 : -d.cosine());
      case NAME -> Comparator.comparing(TensorDifference::name);
      case FILE -> Comparator.comparingInt(tensor -> 0);
    };
  }

  private static double maxAbs(ValueDifference difference) {
    Extreme max = difference.max();
    return max == null ? 0 : Math.abs(max.delta());
  }

  /** What could not be compared first, then the moved, then what agrees. */
  private static Comparator<TensorDifference> largest(ToDoubleFunction<ValueDifference> measure) {
    return Comparator.<TensorDifference>comparingInt(DiffSort::group)
        .thenComparingDouble(tensor -> {
          ValueDifference difference = tensor.difference();
          return difference == null ? 0 : -measure.applyAsDouble(difference);
        });
  }

  private static int group(TensorDifference tensor) {
    TensorStatus status = tensor.status();
    if (status == TensorStatus.MOVED) {
      return 1;
    }
    return status.compared() ? 2 : 0;
  }
}
