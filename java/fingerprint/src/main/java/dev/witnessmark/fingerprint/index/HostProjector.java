package dev.witnessmark.fingerprint.index;

import dev.witnessmark.compare.matrix.KernelChoice;
import dev.witnessmark.compare.matrix.MatrixReader;
import dev.witnessmark.compare.matrix.Staging;
import dev.witnessmark.fingerprint.Fingerprint;
import dev.witnessmark.kernels.decode.WideDecoder;
import dev.witnessmark.kernels.projection.ProjectionKernel;
import dev.witnessmark.kernels.projection.ProjectionSums;
import dev.witnessmark.kernels.projection.WideProjection;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * On the processor: rows are read in chunks, decoded in pieces that stay in the first-level caches,
 * and added up while they are there. A row may be longer than any of these.
 */
final class HostProjector implements RowProjector {

  /**
   * Values that are read at once: they are still in the second-level cache when they are decoded,
   * with all that the operating system copied them from.
   */
  private static final int LOAD = MatrixReader.CHUNK / 4;

  /** Values that are decoded at once: they and their bytes fit in the first-level cache. */
  private static final int PIECE = MatrixReader.PIECE / 2;

  private final Staging staging;
  private final ProjectionKernel kernel;

  private HostProjector(KernelChoice kernels, Staging staging) {
    this.staging = staging;
    this.kernel = kernels.projection();
  }

  /** One for the thread that makes it. */
  static HostProjector ofThisThread(KernelChoice kernels) {
    return new HostProjector(kernels, new Staging(kernels));
  }

  /** One that threads may hand on to each other. */
  static HostProjector handedOn(KernelChoice kernels) {
    return new HostProjector(kernels, Staging.handedOn(kernels));
  }

  @Override
  public void project(StoredRows rows, long first, int count, short[] target) throws IOException {
    boolean wide = WideDecoder.reads(rows.type());
    ProjectionSums sums = new ProjectionSums(rows.stride());
    long end = (first + count) * rows.columns();
    long left = rows.columns();
    int done = 0;
    try (MatrixReader reader = rows.matrix().reader(staging)) {
      for (long at = first * rows.columns(); at < end; at += LOAD) {
        int loaded = (int) Math.min(LOAD, end - at);
        reader.load(at, loaded);
        for (int from = 0; from < loaded; from += PIECE) {
          int piece = Math.min(PIECE, loaded - from);
          MemorySegment values = wide ? reader.wideValues(from, piece) : reader.values(from, piece);
          for (int added = 0; added < piece; ) {
            int run = (int) Math.min(left, piece - added);
            if (wide) {
              WideProjection.add(values, (long) Double.BYTES * added, run, sums);
            } else {
              kernel.add(values, (long) Float.BYTES * added, run, sums);
            }
            added += run;
            left -= run;
            if (left == 0) {
              sums.finish(target, Fingerprint.DIMENSIONS * done++);
              left = rows.columns();
            }
          }
        }
      }
    }
  }

  @Override
  public void close() {
    staging.close();
  }
}
