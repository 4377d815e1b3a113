package dev.witnessmark.benchmarks;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.decode.Decoder;
import dev.witnessmark.kernels.decode.Decoders;
import dev.witnessmark.kernels.difference.DifferenceKernel;
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

/** Decoding from memory into a buffer that stays in the first-level cache: time per element. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DecodeBenchmark {

  static final int ELEMENTS = 1 << 26;

  @Param({
    "F16", "BF16", "F8_E4M3", "Q4_0", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ2_XS",
    "IQ3_S", "IQ4_XS", "MXFP4"
  })
  public TensorType type = TensorType.F16;

  private final MemorySegment values =
      Arena.ofAuto().allocate((long) Float.BYTES * DifferenceKernel.SEGMENT, 64);
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
  public MemorySegment decode() {
    long step = type.bytes(DifferenceKernel.SEGMENT);
    for (long at = 0; at < stored.byteSize(); at += step) {
      decoder.decode(stored, at, values, 0, DifferenceKernel.SEGMENT);
    }
    return values;
  }
}
