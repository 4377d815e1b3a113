package dev.witnessmark.benchmarks;

import dev.witnessmark.format.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Two tensors in memory, every pair of blocks different: time per pair of elements. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DifferenceBenchmark {

  static final int ELEMENTS = 1 << 27;

  @Param({"F32", "BF16", "F16", "Q8_0", "Q4_K", "Q6_K"})
  public TensorType type = TensorType.F32;

  private Comparison comparison = new Comparison(type);
  private MemorySegment a = MemorySegment.NULL;
  private MemorySegment b = MemorySegment.NULL;

  /** Makes both tensors. */
  @Setup
  public void fill() {
    comparison = new Comparison(type);
    a = Weights.of(type, ELEMENTS, 1);
    b = Weights.of(type, ELEMENTS, 2);
  }

  @Benchmark
  @OperationsPerInvocation(ELEMENTS)
  public double compare() {
    return comparison.compare(a, b);
  }
}
