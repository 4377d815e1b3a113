package dev.witnessmark.compare.stream;

import dev.witnessmark.compare.matrix.Staging;
import dev.witnessmark.kernels.difference.TopDifferences;

/**
 * What one worker has of one pair: its readers, the largest differences it saw, and the chunks that
 * it has begun and not finished. Not thread-safe.
 */
final class PairShare {

  private final PairTask task;
  private final PairReader reader;
  private final TopDifferences top;
  private int unfinished;
  private boolean left;

  /** The worker begins with {@code task}. */
  PairShare(PairTask task, Staging staging) {
    task.attach();
    this.task = task;
    this.reader = new PairReader(task.pair, staging);
    this.top = new TopDifferences(task.top());
  }

  PairTask task() {
    return task;
  }

  PairReader reader() {
    return reader;
  }

  TopDifferences top() {
    return top;
  }

  /** A chunk is begun. */
  void begin() {
    unfinished++;
  }

  /**
   * A chunk that was begun is finished.
   *
   * @return true if that completes the pair
   */
  boolean finish() {
    unfinished--;
    return detached();
  }

  /**
   * The worker begins no more chunks of this pair.
   *
   * @return true if that completes the pair
   */
  boolean leave() {
    left = true;
    reader.close();
    return detached();
  }

  private boolean detached() {
    return left && unfinished == 0 && task.detach(top);
  }

  /** Finishes {@code step} if the loaded bytes are equal and not to be decoded yet. */
  boolean finishIfEqual(PairTask.Step step, int count) {
    if (step.again() || !reader.equalBytes()) {
      return false;
    }
    task.finishEqual(step, !task.nonZeroSeen() && reader.findNonZero(count));
    return true;
  }
}
