package dev.witnessmark.benchmarks;

import dev.witnessmark.format.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Two float32 tensors of 256 KiB, which stay in the second-level cache: time per pair. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CachedDifferenceBenchmark {

  static final int ELEMENTS = 1 << 16;
  static final int TIMES = 1 << 11;

  private final Comparison comparison = new Comparison(TensorType.F32);
  private final MemorySegment a = Weights.of(TensorType.F32, ELEMENTS, 1);
  private final MemorySegment b = Weights.of(TensorType.F32, ELEMENTS, 2);

  @Benchmark
  @OperationsPerInvocation(ELEMENTS * TIMES)
  public double compare() {
    double result = 0;
    for (int i = 0; i < TIMES; i++) {
      result += comparison.compare(a, b);
    }
    return result;
  }
}
