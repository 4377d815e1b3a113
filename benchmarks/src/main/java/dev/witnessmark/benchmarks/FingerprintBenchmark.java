package dev.witnessmark.benchmarks;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.decode.Decoder;
import dev.witnessmark.kernels.decode.Decoders;
import dev.witnessmark.kernels.operation.Base17;
import dev.witnessmark.kernels.projection.ProjectionKernel;
import dev.witnessmark.kernels.projection.ProjectionSums;
import java.lang.foreign.Arena;
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

/**
 * Fingerprints of rows of 4096 values, decoded from memory and added up while they are in the
 * first-level cache: time per element.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FingerprintBenchmark {

  static final int ELEMENTS = 1 << 26;

  private static final int ROW = 4096;

  @Param({"F32", "F16", "BF16", "Q8_0", "Q4_K"})
  public TensorType type = TensorType.F16;

  private final MemorySegment values = Arena.ofAuto().allocate((long) Float.BYTES * ROW, 64);
  private final ProjectionKernel kernel = ProjectionKernel.best();
  private final ProjectionSums sums = new ProjectionSums(1);
  private final short[] fingerprint = new short[Base17.DIMENSIONS];
  private MemorySegment stored = MemorySegment.NULL;
  private Decoder decoder = Decoders.best(type);

  /** Makes the stored values. */
  @Setup
  public void fill() {
    stored = Weights.of(type, ELEMENTS, 1);
    decoder = Decoders.best(type);
  }

  @Benchmark
  @OperationsPerInvocation(ELEMENTS)
  public short[] project() {
    long step = type.bytes(ROW);
    for (long at = 0; at < stored.byteSize(); at += step) {
      if (type == TensorType.F32) {
        kernel.add(stored, at, ROW, sums);
      } else {
        decoder.decode(stored, at, values, 0, ROW);
        kernel.add(values, 0, ROW, sums);
      }
      sums.finish(fingerprint, 0);
    }
    return fingerprint;
  }
}
