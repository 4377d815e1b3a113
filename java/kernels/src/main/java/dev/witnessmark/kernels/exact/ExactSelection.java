package dev.witnessmark.kernels.exact;

import dev.witnessmark.kernels.operation.ArgMax;
import dev.witnessmark.kernels.operation.TopK;
import java.lang.foreign.MemorySegment;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** The largest values of rows, by sorting all of them. Comparisons are exact, so budgets are 0. */
final class ExactSelection {

  private static final int NONE = -1;

  private ExactSelection() {}

  static Reference argMax(ArgMax o, MemorySegment values) {
    return Reference.of(
        "indices",
        1,
        Numbers::i32,
        o.rows(),
        row -> {
          List<Integer> order = descending(values, row, o.columns());
          return Bounded.exactly(order.isEmpty() ? NONE : order.getFirst());
        });
  }

  static List<Reference> topK(TopK o, MemorySegment values) {
    Bounded[] largest = new Bounded[Math.multiplyExact(o.rows(), o.k())];
    Bounded[] indices = new Bounded[largest.length];
    for (int row = 0; row < o.rows(); row++) {
      List<Integer> order = descending(values, row, o.columns());
      for (int place = 0; place < o.k(); place++) {
        int index = order.isEmpty() ? NONE : order.get(place);
        float value =
            index == NONE ? Float.NaN : Numbers.f32(values, (long) row * o.columns() + index);
        largest[row * o.k() + place] = Bounded.exactly(value);
        indices[row * o.k() + place] = Bounded.exactly(index);
      }
    }
    return List.of(
        Reference.of("largest", 1, Numbers::f32, largest),
        Reference.of("indices", 2, Numbers::i32, indices));
  }

  /**
   * The columns of a row, the largest value first, equal ones in their order; none if one is NaN.
   */
  private static List<Integer> descending(MemorySegment values, int row, int columns) {
    double[] numbers = new double[columns];
    for (int i = 0; i < columns; i++) {
      numbers[i] = Numbers.f32(values, (long) row * columns + i) + 0.0; // one zero
      if (Double.isNaN(numbers[i])) {
        return List.of();
      }
    }
    return IntStream.range(0, columns)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer i) -> numbers[i]).reversed())
        .toList();
  }
}
