package dev.witnessmark.compare.stream;

import dev.witnessmark.compare.match.TensorPair;
import dev.witnessmark.compare.matrix.Matrix;
import dev.witnessmark.compare.matrix.MatrixReader;
import dev.witnessmark.compare.matrix.Staging;
import dev.witnessmark.compare.stream.PairTask.Step;
import dev.witnessmark.verdict.Progress;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Streams pairs of tensors through the comparator, in the order given, each in one pass: chunks of
 * equal bytes are only looked at again if another chunk of the tensor differs.
 */
public final class StreamingComparison {

  /** Told the result of each pair, one at a time, in the order the pairs finish. */
  public interface Results {
    /** Pair {@code number} of the list was compared. */
    void judged(int number, TensorPair pair, PairJudge judged) throws IOException;

    /** Pair {@code number} of the list could not be read to the end. */
    void failed(int number, TensorPair pair, String reason) throws IOException;
  }

  /** Number of the chunk that a pair without values does not have. */
  private static final long NO_CHUNK = -1;

  /** Small pairs that a worker takes together: taking costs as much as comparing one of them. */
  private static final int MOST_PAIRS_AT_ONCE = 64;

  private final Reduction reduction;
  private final int top;
  private final Progress progress;
  private final Results results;
  private final List<TensorPair> pairs;
  private final Iterator<Integer> numbers;
  private @Nullable PairTask current;

  /** Pairs of which equal chunks are to be decoded after all. */
  private final Deque<PairTask> secondPasses = new ArrayDeque<>();

  /** Workers that do not wait for something to do. */
  private int busy;

  private boolean stopped;

  private StreamingComparison(
      List<TensorPair> pairs,
      List<Integer> numbers,
      Reduction reduction,
      int top,
      Progress progress,
      Results results) {
    this.pairs = pairs;
    this.numbers = numbers.iterator();
    this.reduction = reduction;
    this.top = top;
    this.progress = progress;
    this.results = results;
  }

  /**
   * Compares {@code pairs} on {@code threads} workers.
   *
   * @param numbers numbers of the pairs to compare
   * @param reduction where the values are compared
   * @param top how many extremes and rows to keep for each
   * @throws IOException if {@code results} throws; unreadable tensors are results, not exceptions
   */
  public static void run(
      List<TensorPair> pairs,
      List<Integer> numbers,
      Reduction reduction,
      int threads,
      int top,
      Progress progress,
      Results results)
      throws IOException {
    new StreamingComparison(pairs, numbers, reduction, top, progress, results).run(threads);
  }

  private void run(int threads) throws IOException {
    busy = threads;
    Workers.run(
        threads,
        Collections.nCopies(
            threads,
            () -> {
              try {
                work();
              } finally {
                // It ends when nothing is left to take, or throws: then the others stop as well.
                stop();
              }
              return this;
            }));
  }

  private synchronized void stop() {
    stopped = true;
    notifyAll();
  }

  /** What a worker that has begun all its steps can do next; empty if nothing just now. */
  private synchronized List<Step> more() {
    return stopped ? List.of() : available();
  }

  /**
   * What a worker that has finished all its steps is to do, in order; empty when nothing is left.
   * Waits while an early chunk holds up too many later ones, and while chunks are under way that
   * may call for a second look at others.
   */
  private synchronized List<Step> await() throws IOException {
    busy--;
    notifyAll();
    while (!stopped) {
      List<Step> steps = available();
      if (!steps.isEmpty()) {
        busy++;
        return steps;
      }
      if (current == null && busy == 0) {
        return steps;
      }
      try {
        wait();
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", interrupted);
      }
    }
    return List.of();
  }

  /**
   * The next steps: some of a large pair, or those of several small ones. Tasks are made when their
   * turn comes.
   */
  private List<Step> available() {
    List<Step> steps = new ArrayList<>();
    long most = (long) MatrixReader.CHUNK * reduction.stepsAtOnce();
    long values = 0;
    while (values < most && steps.size() < MOST_PAIRS_AT_ONCE) {
      PairTask task = opened();
      if (task == null) {
        break;
      }
      boolean small = task.plan.chunks() <= 1;
      boolean another = !steps.isEmpty() && steps.getLast().task() != task;
      if (task.isAhead() || (!small && another)) {
        break;
      }
      Step step =
          task.plan.chunks() == 0 ? new Step(task, NO_CHUNK, NO_CHUNK, false) : task.takeStep();
      if (step == null || small) {
        current = null;
      }
      if (step != null) {
        steps.add(step);
        values += small ? task.pair.a().elements() : MatrixReader.CHUNK;
      }
    }
    return steps;
  }

  /** The pair whose steps are given out; null if there is none just now. */
  private @Nullable PairTask opened() {
    if (current == null) {
      current = secondPasses.poll();
    }
    if (current == null && numbers.hasNext()) {
      int number = numbers.next();
      current = new PairTask(number, pairs.get(number), top);
    }
    return current;
  }

  private void work() throws IOException {
    try (Staging staging = new Staging(reduction.kernels());
        ChunkWorker worker = reduction.worker(staging, this::finished)) {
      Deque<Step> taken = new ArrayDeque<>(await());
      while (!taken.isEmpty()) {
        PairTask task = taken.getFirst().task();
        PairShare share = new PairShare(task, staging);
        while (!taken.isEmpty() && taken.getFirst().task() == task) {
          Step step = taken.removeFirst();
          if (step.chunk() != NO_CHUNK) {
            worker.process(share, step);
          }
          if (taken.isEmpty()) {
            taken.addAll(more());
          }
        }
        if (share.leave()) {
          complete(task);
        }
        if (taken.isEmpty()) {
          worker.finish();
          taken.addAll(await());
        }
      }
    }
  }

  private void finished(PairShare share, Step step) throws IOException {
    PairTask task = step.task();
    long again = task.beginSecondPass();
    if (again > 0) {
      progress.extend(bytes(task.pair, again));
    }
    synchronized (this) {
      if (again > 0) {
        secondPasses.add(task);
      }
      notifyAll();
    }
    progress.advance(bytes(task.pair, task.plan.count(step.chunk())));
    if (share.finish()) {
      complete(task);
    }
  }

  private void complete(PairTask task) throws IOException {
    PairResult result = task.result();
    if (result instanceof PairResult.Failed(String reason)) {
      synchronized (results) {
        results.failed(task.number, task.pair, reason);
      }
    } else {
      PairJudge judged = PairJudge.of(task.pair, result);
      synchronized (results) {
        results.judged(task.number, task.pair, judged);
      }
    }
  }

  /** Stored bytes of both sides. */
  public static long bytes(TensorPair pair) {
    return bytes(pair, pair.a().elements());
  }

  private static long bytes(TensorPair pair, long elements) {
    return bytes(pair.a(), elements) + bytes(pair.b(), elements);
  }

  private static long bytes(Matrix matrix, long elements) {
    return elements / matrix.type().blockElements() * matrix.type().blockBytes();
  }
}
