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
  RELATIVE(largest(d -> d.relative() == null ? Double.POSITIVE_INFINITY : d.relative())),
  /** Largest |Δ| first. */
  MAX(largest(DiffSort::maxAbs)),
  /** Largest RMS of Δ first. */
  RMS(largest(ValueDifference::rms)),
  /** Smallest cosine first. */
  COSINE(largest(d -> d.cosine() == null ? -2 : -d.cosine())),
  /** By name of the tensor. */
  NAME(Comparator.comparing(TensorDifference::name)),
  /** As in the files. */
  FILE((x, y) -> 0);

  private final Comparator<TensorDifference> comparator;

  DiffSort(Comparator<TensorDifference> comparator) {
    this.comparator = comparator;
  }

  Comparator<TensorDifference> comparator() {
    return comparator;
  }

  private static double maxAbs(ValueDifference difference) {
    Extreme max = difference.max();
    return max == null ? 0 : Math.abs(max.delta());
  }

  /** What could not be compared first, then the moved, then what agrees. */
  private static Comparator<TensorDifference> largest(ToDoubleFunction<ValueDifference> measure) {
    return Comparator.<TensorDifference>comparingInt(DiffSort::group)
        .thenComparingDouble(
            tensor -> {
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
