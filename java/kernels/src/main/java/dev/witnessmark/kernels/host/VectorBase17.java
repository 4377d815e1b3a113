package dev.witnessmark.kernels.host;

import dev.witnessmark.kernels.decode.Decoder;
import dev.witnessmark.kernels.operation.Base17;
import dev.witnessmark.kernels.projection.ProjectionKernel;
import dev.witnessmark.kernels.projection.ProjectionSums;
import java.lang.foreign.MemorySegment;

/** Row fingerprints: every row is widened and added up in pieces that stay in the first cache. */
final class VectorBase17 {

  /** Values that are widened at once. */
  private static final int PIECE = 4096;

  private final ProjectionKernel kernel = ProjectionKernel.best();
  private final MemorySegment wide = Scratch.allocate((long) Float.BYTES * PIECE);
  private final ProjectionSums sums = new ProjectionSums(1);
  private final short[] fingerprint = new short[Base17.DIMENSIONS];

  void run(Decoder decoder, Base17 o, MemorySegment rows, MemorySegment fingerprints) {
    sums.begin(o.stride());
    for (int row = 0; row < o.rows(); row++) {
      long first = (long) row * o.columns();
      for (int done = 0; done < o.columns(); done += PIECE) {
        int piece = Math.min(PIECE, o.columns() - done);
        decoder.decode(rows, o.type().bytes(first + done), wide, 0, piece);
        kernel.add(wide, 0, piece, sums);
      }
      sums.finish(fingerprint, 0);
      for (int b = 0; b < Base17.DIMENSIONS; b++) {
        Values.setI16(fingerprints, (long) row * Base17.DIMENSIONS + b, fingerprint[b]);
      }
    }
  }
}
