package dev.witnessmark.benchmarks;

import java.util.List;

/**
 * What a benchmark should reach.
 *
 * @param benchmark class and parameter as {@link Measurement#name()} has them
 * @param unit what {@code atLeast} counts
 * @param atLeast the least that is good enough
 */
record Target(String benchmark, Unit unit, double atLeast) {

  /** What is compared with the target. */
  enum Unit {
    /** Bytes read per second as a part of what a plain read reaches. */
    OF_STREAM_READ("x stream read"),
    /** Billions of elements per second. */
    GIGA_ELEMENTS("G elements/s");

    private final String label;

    Unit(String label) {
      this.label = label;
    }

    String label() {
      return label;
    }
  }

  static final List<Target> ALL =
      List.of(
          new Target("DifferenceBenchmark F32", Unit.OF_STREAM_READ, 0.5),
          new Target("DifferenceBenchmark BF16", Unit.OF_STREAM_READ, 1 / 3.0),
          new Target("DifferenceBenchmark F16", Unit.OF_STREAM_READ, 1 / 3.0),
          new Target("DifferenceBenchmark Q4_K", Unit.GIGA_ELEMENTS, 3),
          new Target("DecodeBenchmark Q6_K", Unit.GIGA_ELEMENTS, 7.5),
          new Target("FingerprintBenchmark Q8_0", Unit.GIGA_ELEMENTS, 2),
          new Target("FingerprintBenchmark Q4_K", Unit.GIGA_ELEMENTS, 2));

  double reachedBy(Measurement measurement, Measurement streamRead) {
    return switch (unit) {
      case OF_STREAM_READ -> measurement.gigabytes() / streamRead.gigabytes();
      case GIGA_ELEMENTS -> measurement.gigaElements();
    };
  }
}
