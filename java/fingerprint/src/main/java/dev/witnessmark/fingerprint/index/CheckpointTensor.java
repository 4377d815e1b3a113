package dev.witnessmark.fingerprint.index;

import dev.witnessmark.compare.matrix.RowPermutation;
import dev.witnessmark.fingerprint.Fingerprint;
import dev.witnessmark.fingerprint.FingerprintTensor;
import dev.witnessmark.fingerprint.LayerType;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A tensor whose fingerprints are computed from its values whenever they are read.
 *
 * @param name the tensor's name
 * @param layerType what it is filed under
 * @param stored its rows as they are stored
 * @param order the order that they are read in, if it is another
 * @param projectors what computes for whom brings nothing
 */
record CheckpointTensor(
    String name,
    LayerType layerType,
    StoredRows stored,
    @Nullable RowPermutation order,
    ProjectorPool projectors)
    implements FingerprintTensor {

  @Override
  public long rows() {
    return stored.rows();
  }

  @Override
  public long columns() {
    return stored.columns();
  }

  @Override
  public void read(long first, int count, short[] target) throws IOException {
    RowProjector projector = projectors.take();
    try {
      read(projector, first, count, target);
    } finally {
      projectors.give(projector);
    }
  }

  /** As {@link #read(long, int, short[])}, computed by {@code projector}. */
  void read(RowProjector projector, long first, int count, short[] target) throws IOException {
    Objects.checkFromIndexSize(first, count, rows());
    Objects.checkFromIndexSize(0, Math.multiplyExact(count, Fingerprint.DIMENSIONS), target.length);
    if (order == null) {
      projector.project(stored, first, count, target);
      return;
    }
    // The rows of a head are next to each other in both orders.
    int perHead = Math.toIntExact(rows() / order.heads());
    short[] head = new short[Math.multiplyExact(perHead, Fingerprint.DIMENSIONS)];
    for (long row = first; row < first + count; ) {
      long headStart = row / perHead * perHead;
      projector.project(stored, headStart, perHead, head);
      for (; row < Math.min(first + count, headStart + perHead); row++) {
        System.arraycopy(
            head,
            Fingerprint.DIMENSIONS * (int) (order.storedRow(row) - headStart),
            target,
            Fingerprint.DIMENSIONS * (int) (row - first),
            Fingerprint.DIMENSIONS);
      }
    }
  }

  /** Stored bytes of {@code count} rows. */
  long storedBytes(long count) {
    long blocks = count * columns() / stored.type().blockElements();
    return blocks * stored.type().blockBytes();
  }
}
