package dev.witnessmark.cuda;

import dev.witnessmark.cuda.driver.ComputeCapability;
import java.util.List;
import java.util.OptionalInt;

/**
 * How the kernels of a file are launched on devices from some architecture on. No result depends on
 * it.
 *
 * @param threads of a block; empty for what the kernel was made for
 * @param blocksPerMultiprocessor the most blocks along x, for each multiprocessor of the device
 */
record Tuning(OptionalInt threads, int blocksPerMultiprocessor) {

  /**
   * A line of the table.
   *
   * @param file the kernels of {@code cuda/FILE.cu}
   * @param capability the number of the first architecture that it is for
   */
  private record Row(String file, int capability, Tuning tuning) {}

  /** What holds where no row does: as many blocks of 256 threads as a multiprocessor can hold. */
  private static final Tuning FALL_BACK = new Tuning(OptionalInt.empty(), 8);

  /**
   * Architectures ascending within a file. A row is measured, on the architecture it names, or it
   * is not here.
   */
  private static final List<Row> ROWS =
      List.of(
          // Threads of one unit each: 70 µs for 58,720,256 values of Q4_K, 79 µs with eight blocks.
          new Row("dequantise", 90, new Tuning(OptionalInt.empty(), 1 << 16)),
          // As many as fit: 80 µs for 128,256 x 4,096 weights of Q4_K, 84 µs with eight blocks.
          new Row("matvec_q8", 90, new Tuning(OptionalInt.empty(), 2)),
          // As many as fit: more have no tile ahead while they wait for their first.
          new Row("attention", 90, new Tuning(OptionalInt.empty(), 3)),
          new Row("attention_scores", 90, new Tuning(OptionalInt.empty(), 3)));

  /** The last row that a device of {@code capability} reaches. */
  static Tuning of(String file, ComputeCapability capability) {
    return ROWS.stream()
        .filter(row -> row.file.equals(file) && row.capability <= capability.number())
        .map(Row::tuning)
        .reduce((earlier, later) -> later)
        .orElse(FALL_BACK);
  }
}
