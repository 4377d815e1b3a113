package dev.witnessmark.compare.stream;

import dev.witnessmark.compare.Progress;
import dev.witnessmark.compare.match.TensorPair;
import dev.witnessmark.compare.matrix.KernelChoice;
import dev.witnessmark.compare.matrix.Matrix;
import dev.witnessmark.compare.matrix.Staging;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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

  private static final long NO_CHUNK = -1;

  private final KernelChoice kernels;
  private final int top;
  private final Progress progress;
  private final Results results;
  private final List<TensorPair> pairs;
  private final Iterator<Integer> numbers;
  private @Nullable PairTask current;
  private boolean stopped;

  private StreamingComparison(
      List<TensorPair> pairs,
      List<Integer> numbers,
      KernelChoice kernels,
      int top,
      Progress progress,
      Results results) {
    this.pairs = pairs;
    this.numbers = numbers.iterator();
    this.kernels = kernels;
    this.top = top;
    this.progress = progress;
    this.results = results;
  }

  /**
   * Compares {@code pairs} on {@code threads} workers.
   *
   * @param numbers numbers of the pairs to compare
   * @param top how many extremes and rows to keep for each
   * @throws IOException if {@code results} throws; unreadable tensors are results, not exceptions
   */
  public static void run(
      List<TensorPair> pairs,
      List<Integer> numbers,
      KernelChoice kernels,
      int threads,
      int top,
      Progress progress,
      Results results)
      throws IOException {
    new StreamingComparison(pairs, numbers, kernels, top, progress, results).run(threads);
  }

  private void run(int threads) throws IOException {
    try (ExecutorService workers = Executors.newFixedThreadPool(threads)) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        running.add(
            workers.submit(() -> {
              try {
                work();
              } finally {
                // It ends when nothing is left to take, or throws: then the others stop as well.
                stop();
              }
              return null;
            }));
      }
      try {
        for (Future<?> worker : running) {
          worker.get();
        }
      } catch (ExecutionException failure) {
        stop();
        switch (failure.getCause()) {
          case IOException cause -> throw cause;
          case RuntimeException cause -> throw cause;
          case Error cause -> throw cause;
          case null, default -> throw new IllegalStateException(failure);
        }
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        workers.shutdownNow();
        throw new IOException("interrupted", interrupted);
      }
    }
  }

  private synchronized void stop() {
    stopped = true;
  }

  /** A chunk of a pair, or {@link #NO_CHUNK} of an empty one. */
  private record Work(PairTask task, long chunk) {}

  /** The next chunk in order, or null when all are taken. Tasks are made when their turn comes. */
  private synchronized @Nullable Work take() {
    while (!stopped) {
      if (current == null) {
        if (!numbers.hasNext()) {
          return null;
        }
        int number = numbers.next();
        current = new PairTask(number, pairs.get(number), top);
        if (current.plan.chunks() == 0) {
          PairTask empty = current;
          current = null;
          return new Work(empty, NO_CHUNK);
        }
      }
      long chunk = current.takeChunk();
      if (chunk >= 0) {
        return new Work(current, chunk);
      }
      current = null;
    }
    return null;
  }

  private void work() throws IOException {
    try (Staging staging = new Staging(kernels)) {
      Work work = take();
      while (work != null) {
        PairTask task = work.task();
        task.attach();
        boolean completes;
        try (PairWorker worker = new PairWorker(task, kernels.difference(), staging)) {
          while (work != null && work.task() == task) {
            process(worker, task, work.chunk());
            work = take();
          }
          completes = task.detach(worker.top());
        }
        if (completes) {
          complete(task, staging);
        }
      }
    }
  }

  private void process(PairWorker worker, PairTask task, long chunk) {
    if (chunk == NO_CHUNK) {
      return;
    }
    try {
      worker.process(chunk);
    } catch (IOException failure) {
      task.fail(chunk, String.valueOf(failure.getMessage()));
    }
    progress.advance(bytes(task.pair, task.plan.count(chunk)));
  }

  private void complete(PairTask task, Staging staging) throws IOException {
    PairResult result;
    try (PairWorker worker = new PairWorker(task, kernels.difference(), staging)) {
      worker.processEqualChunks();
      result = task.result();
    } catch (IOException failure) {
      result = new PairResult.Failed(String.valueOf(failure.getMessage()));
    }
    synchronized (results) {
      if (result instanceof PairResult.Failed(String reason)) {
        results.failed(task.number, task.pair, reason);
      } else {
        results.judged(task.number, task.pair, PairJudge.of(task.pair, result));
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
