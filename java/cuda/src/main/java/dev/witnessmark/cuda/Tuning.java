package dev.witnessmark.cuda;

import dev.witnessmark.cuda.driver.ComputeCapability;
import dev.witnessmark.kernels.operation.Family;
import java.util.List;

/**
 * How the kernels of a family are launched on devices from some architecture on. No result depends
 * on it.
 *
 * @param threads of a block
 * @param blocksPerMultiprocessor the most blocks in x, for each multiprocessor of the device
 */
record Tuning(int threads, int blocksPerMultiprocessor) {

  private record Row(Family family, int fromCapability, Tuning tuning) {}

  /** What holds where no row does: eight blocks of 256 threads fill a multiprocessor. */
  private static final Tuning FALL_BACK = new Tuning(256, 8);

  /**
   * Measured on the architecture that a row names; of the rows of a family the last that the device
   * reaches counts. Kernels made for 256 threads exactly have to stay at it.
   */
  private static final List<Row> ROWS = List.of();

  static Tuning of(Family family, ComputeCapability capability) {
    return ROWS.stream()
        .filter(row -> row.family == family && row.fromCapability <= capability.number())
        .map(Row::tuning)
        .reduce((earlier, later) -> later)
        .orElse(FALL_BACK);
  }
}
