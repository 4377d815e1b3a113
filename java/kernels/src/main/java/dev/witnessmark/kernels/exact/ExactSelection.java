package dev.witnessmark.kernels.exact;

import dev.witnessmark.kernels.operation.ArgMax;
import dev.witnessmark.kernels.operation.TopK;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** The largest values of rows, by sorting all of them. Comparisons are exact. */
final class ExactSelection {

  private static final int NONE = -1;

  private ExactSelection() {}

  static Reference argMax(ArgMax o, Given values) {
    return Reference.of(
        "indices",
        1,
        Numbers::i32,
        o.rows(),
        row -> {
          return new Places(values.f32((long) row * o.columns(), o.columns())).index(0);
        });
  }

  static List<Reference> topK(TopK o, Given values) {
    Bounded[] largest = new Bounded[Math.multiplyExact(o.rows(), o.k())];
    Bounded[] indices = new Bounded[largest.length];
    for (int row = 0; row < o.rows(); row++) {
      Places places = new Places(values.f32((long) row * o.columns(), o.columns()));
      for (int place = 0; place < o.k(); place++) {
        largest[row * o.k() + place] = places.value(place);
        indices[row * o.k() + place] = places.index(place);
      }
    }
    return List.of(
        Reference.of("largest", 1, Numbers::f32, largest),
        Reference.of("indices", 2, Numbers::i32, indices));
  }

  /**
   * A row from its largest value to its smallest, equal ones in their order. Where values have
   * errors, the largest but k is off by no more than the largest error, and its index is certain
   * only if no other value can take its place.
   */
  private static final class Places {

    private final Bounded[] numbers;
    private final double error;
    private final boolean noNumber;
    private final List<Integer> order;

    /** Of the numbers at a place and before it, the least they may be. */
    private final double[] least;

    /** Of the numbers at a place and after it, the most they may be. */
    private final double[] most;

    private Places(Bounded[] numbers) {
      this.numbers = numbers;
      error = Arrays.stream(numbers).mapToDouble(Bounded::error).max().orElse(0);
      noNumber = Arrays.stream(numbers).anyMatch(number -> Double.isNaN(number.value()));
      order =
          IntStream.range(0, numbers.length)
              .boxed()
              .sorted(
                  Comparator.comparingDouble((Integer i) -> numbers[i].value() + 0.0) // one zero
                      .reversed())
              .toList();
      least = new double[numbers.length];
      most = new double[numbers.length];
      for (int place = 0; place < least.length; place++) {
        Bounded number = numbers[order.get(place)];
        least[place] = number.value() - number.error();
        most[place] = number.value() + number.error();
      }
      for (int place = 1; place < least.length; place++) {
        int fromEnd = most.length - 1 - place;
        least[place] = Math.min(least[place], least[place - 1]);
        most[fromEnd] = Math.max(most[fromEnd], most[fromEnd + 1]);
      }
    }

    private Bounded value(int place) {
      return new Bounded(noNumber ? Double.NaN : numbers[order.get(place)].value(), error());
    }

    private Bounded index(int place) {
      int index = noNumber ? NONE : order.get(place);
      return error() == 0 || (!noNumber && alone(place))
          ? Bounded.exactly(index)
          : Bounded.unlimited(index);
    }

    /** A NaN that is certain leaves nothing open. */
    private double error() {
      boolean certain = noNumber && Arrays.stream(numbers).anyMatch(Bounded::certainNaN);
      return certain ? 0 : error;
    }

    private boolean alone(int place) {
      Bounded number = numbers[order.get(place)];
      return (place == 0 || least[place - 1] > number.value() + number.error())
          && (place == most.length - 1 || number.value() - number.error() > most[place + 1]);
    }
  }
}
