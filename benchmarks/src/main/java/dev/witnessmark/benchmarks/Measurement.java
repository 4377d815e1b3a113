package dev.witnessmark.benchmarks;

import dev.witnessmark.format.TensorType;
import java.util.Collection;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.util.Statistics;

/**
 * One benchmark's result.
 *
 * @param name class and parameter
 * @param bytesPerElement stored bytes that are read per element, on both sides of a comparison
 * @param best nanoseconds per element of the fastest shot of all rounds
 * @param median nanoseconds per element in the middle of the shots of the round it comes from
 */
record Measurement(String name, double bytesPerElement, double best, double median) {

  static Measurement of(RunResult result) {
    String[] path = result.getParams().getBenchmark().split("\\.", -1);
    String benchmark = path[path.length - 2];
    String parameter = result.getParams().getParam("type");
    Statistics shots = result.getPrimaryResult().getStatistics();
    TensorType type = parameter == null ? TensorType.F32 : TensorType.valueOf(parameter);
    int sides = benchmark.endsWith("DifferenceBenchmark") ? 2 : 1;
    return new Measurement(
        parameter == null ? benchmark : benchmark + " " + parameter,
        (double) sides * type.blockBytes() / type.blockElements(),
        shots.getMin(),
        shots.getPercentile(50));
  }

  /** The better of this and what another round measured. */
  Measurement orBetter(Measurement other) {
    return other.best < best ? other : this;
  }

  /** Billions of elements per second. */
  double gigaElements() {
    return 1 / best;
  }

  /** Billions of stored bytes per second. */
  double gigabytes() {
    return bytesPerElement / best;
  }

  static Measurement named(String name, Collection<Measurement> measurements) {
    return measurements.stream()
        .filter(measurement -> measurement.name.equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no benchmark is called " + name));
  }
}
