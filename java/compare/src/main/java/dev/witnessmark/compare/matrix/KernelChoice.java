package dev.witnessmark.compare.matrix;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.VectorWidth;
import dev.witnessmark.kernels.decode.Decoder;
import dev.witnessmark.kernels.decode.Decoders;
import dev.witnessmark.kernels.difference.DifferenceKernel;
import dev.witnessmark.kernels.projection.ProjectionKernel;
import dev.witnessmark.kernels.summary.SummaryKernel;

/**
 * Which implementation of the kernels runs, and why. All give the same bits; scalar code is at full
 * speed long before the compiler has warmed up the vector code, and so is done sooner with little
 * work.
 *
 * @param vector true for the Vector API, false for scalar code
 * @param reason why, as half a sentence
 */
public record KernelChoice(boolean vector, String reason) {

  /**
   * Values above which vector code is done sooner: warming it up takes about a second of processor
   * time, in which scalar code decodes and compares some hundred million values.
   */
  private static final long WORTH_WARMING_UP = 1L << 27;

  /** The choice for work on {@code values} values. */
  public static KernelChoice forValues(long values) {
    if (!VectorWidth.available()) {
      return new KernelChoice(false, VectorWidth.reason());
    }
    if (System.getProperty(VectorWidth.PROPERTY) == null && values < WORTH_WARMING_UP) {
      return new KernelChoice(
          false, "scalar code: done with %d values before vector code is warm".formatted(values));
    }
    return new KernelChoice(true, VectorWidth.reason());
  }

  /** A decoder for {@code type}; it belongs to one thread. */
  public Decoder decoder(TensorType type) {
    return vector ? Decoders.best(type) : Decoders.scalar(type);
  }

  public DifferenceKernel difference() {
    return vector ? DifferenceKernel.best() : DifferenceKernel.scalar();
  }

  public ProjectionKernel projection() {
    return vector ? ProjectionKernel.best() : ProjectionKernel.scalar();
  }

  public SummaryKernel summary() {
    return vector ? SummaryKernel.best() : SummaryKernel.scalar();
  }
}
