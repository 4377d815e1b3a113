package dev.witnessmark.cuda;

import dev.witnessmark.cuda.driver.ComputeCapability;
import dev.witnessmark.kernels.operation.Family;
import java.util.List;
import java.util.OptionalInt;

/**
 * How the kernels of a family are launched on devices from some architecture on. No result depends
 * on it.
 *
 * @param threads of a block; empty for what the kernel was made for
 * @param blocksPerMultiprocessor the most blocks along x, for each multiprocessor of the device
 */
record Tuning(OptionalInt threads, int blocksPerMultiprocessor) {

  /**
   * A line of the table.
   *
   * @param capability the number of the first architecture that it is for
   */
  private record Row(Family family, int capability, Tuning tuning) {}

  /** What holds where no row does: as many blocks of 256 threads as a multiprocessor can hold. */
  private static final Tuning FALL_BACK = new Tuning(OptionalInt.empty(), 8);

  /**
   * Architectures ascending within a family. A row is measured, on the architecture it names, or it
   * is not here.
   */
  private static final List<Row> ROWS =
      List.of(
          // Threads of one unit each: 70 µs for 58,720,256 values of Q4_K, 79 µs with eight blocks.
          new Row(Family.DEQUANTISE, 90, new Tuning(OptionalInt.empty(), 1 << 16)),
          // As many as fit: 80 µs for 128,256 x 4,096 weights of Q4_K, 84 µs with eight blocks.
          new Row(Family.MATVEC_Q8, 90, new Tuning(OptionalInt.empty(), 2)),
          // As many as fit: more have no tile ahead while they wait for their first.
          new Row(Family.ATTENTION, 90, new Tuning(OptionalInt.empty(), 3)),
          new Row(Family.ATTENTION_SCORES, 90, new Tuning(OptionalInt.empty(), 3)));

  /** The last row that a device of {@code capability} reaches. */
  static Tuning of(Family family, ComputeCapability capability) {
    return ROWS.stream()
        .filter(row -> row.family == family && row.capability <= capability.number())
        .map(Row::tuning)
        .reduce((earlier, later) -> later)
        .orElse(FALL_BACK);
  }
}
