package dev.witnessmark.fingerprint.index;

import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;

/** Projectors for as many threads as ask at the same time. */
final class ProjectorPool implements AutoCloseable {

  private final Supplier<RowProjector> another;
  private final Queue<RowProjector> idle = new ConcurrentLinkedQueue<>();

  ProjectorPool(Supplier<RowProjector> another) {
    this.another = another;
  }

  /** {@link RowProjector#project} by one that nobody uses. */
  void project(StoredRows rows, long first, int count, short[] target) throws IOException {
    RowProjector found = idle.poll();
    RowProjector projector = found == null ? another.get() : found;
    try {
      projector.project(rows, first, count, target);
    } finally {
      idle.add(projector);
    }
  }

  /** Ends all; none may be in use. */
  @Override
  public void close() {
    idle.forEach(RowProjector::close);
    idle.clear();
  }
}
