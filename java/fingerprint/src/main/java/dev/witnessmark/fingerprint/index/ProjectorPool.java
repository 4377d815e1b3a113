package dev.witnessmark.fingerprint.index;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;

/** Projectors of the host for as many threads as ask at the same time. */
final class ProjectorPool implements AutoCloseable {

  private final Supplier<HostProjector> another;
  private final Queue<RowProjector> idle = new ConcurrentLinkedQueue<>();

  ProjectorPool(Supplier<HostProjector> another) {
    this.another = another;
  }

  /** One that nobody uses. */
  RowProjector take() {
    RowProjector found = idle.poll();
    return found == null ? another.get() : found;
  }

  /** Takes one back. */
  void give(RowProjector projector) {
    idle.add(projector);
  }

  /** Ends all; none may be in use. */
  @Override
  public void close() {
    idle.forEach(RowProjector::close);
    idle.clear();
  }
}
