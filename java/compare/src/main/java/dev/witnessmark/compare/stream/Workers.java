package dev.witnessmark.compare.stream;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Work that several threads share. */
public final class Workers {

  private Workers() {}

  /**
   * Does all of {@code work} on {@code threads} threads.
   *
   * @return what each gave, in the order of {@code work}
   * @throws IOException the first failure in that order, once all have ended, as are unchecked
   *     exceptions and errors; or if the calling thread is interrupted
   */
  public static <T> List<T> run(int threads, List<? extends Callable<T>> work) throws IOException {
    try (ExecutorService workers = Executors.newFixedThreadPool(threads)) {
      List<Future<T>> running = new ArrayList<>();
      for (Callable<T> each : work) {
        running.add(workers.submit(each));
      }
      List<T> results = new ArrayList<>();
      try {
        for (Future<T> each : running) {
          results.add(each.get());
        }
      } catch (ExecutionException failure) {
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
      return results;
    }
  }
}
