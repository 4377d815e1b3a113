package dev.witnessmark.benchmarks;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What one thread can read: the sum of 1 GiB of floats. Its score is the time per float. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class StreamRead {

  static final int FLOATS = 1 << 28;

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

  private final MemorySegment values = Arena.ofAuto().allocate(4L * FLOATS, 64);

  /** Touches every page. */
  @Setup
  public void fill() {
    values.fill((byte) 1);
  }

  @Benchmark
  @OperationsPerInvocation(FLOATS)
  public float sum() {
    FloatVector sum0 = FloatVector.zero(SPECIES);
    FloatVector sum1 = FloatVector.zero(SPECIES);
    FloatVector sum2 = FloatVector.zero(SPECIES);
    FloatVector sum3 = FloatVector.zero(SPECIES);
    int step = SPECIES.vectorByteSize();
    long end = values.byteSize();
    for (long at = 0; at < end; at += 4L * step) {
      sum0 = sum0.add(FloatVector.fromMemorySegment(SPECIES, values, at, NATIVE));
      sum1 = sum1.add(FloatVector.fromMemorySegment(SPECIES, values, at + step, NATIVE));
      sum2 = sum2.add(FloatVector.fromMemorySegment(SPECIES, values, at + 2L * step, NATIVE));
      sum3 = sum3.add(FloatVector.fromMemorySegment(SPECIES, values, at + 3L * step, NATIVE));
    }
    return sum0.add(sum1).add(sum2.add(sum3)).reduceLanes(VectorOperators.ADD);
  }
}
