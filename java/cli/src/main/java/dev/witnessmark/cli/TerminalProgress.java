package dev.witnessmark.cli;

import dev.witnessmark.verdict.Progress;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A line with rate and time left on standard error, once work has taken a second. */
final class TerminalProgress implements Progress, AutoCloseable {

  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(1);
  private static final int WIDTH = 100;
  private static final long MIB = 1 << 20;

  private String task = "";
  private long total;
  private long done;
  private long began;
  private @Nullable ProgressBar bar;

  /** Progress for people, or none if nobody watches. */
  static TerminalProgress.Scope watched(boolean quiet) {
    return new Scope(quiet || !Terminal.watchesErrors() ? null : new TerminalProgress());
  }

  /** Closes the line at the end of the work. */
  record Scope(@Nullable TerminalProgress line) implements AutoCloseable {
    Progress progress() {
      return line == null ? Progress.NONE : line;
    }

    @Override
    public void close() {
      if (line != null) {
        line.close();
      }
    }
  }

  @Override
  public synchronized void begin(String task, long totalBytes) {
    close();
    this.task = task;
    total = totalBytes;
    done = 0;
    began = System.nanoTime();
  }

  @Override
  public synchronized void extend(long bytes) {
    total += bytes;
    if (bar != null) {
      bar.maxHint(total);
    }
  }

  @Override
  public synchronized void advance(long bytes) {
    done += bytes;
    if (bar == null && System.nanoTime() - began > PATIENCE) {
      boolean counted = total < MIB;
      bar =
          new ProgressBarBuilder()
              .setTaskName(task)
              .setInitialMax(total)
              .setUnit(counted ? "" : " MiB", counted ? 1 : MIB)
              .setStyle(ProgressBarStyle.UNICODE_BLOCK)
              .setUpdateIntervalMillis(200)
              .setConsumer(new ConsoleProgressBarConsumer(System.err, WIDTH))
              .showSpeed()
              .build();
    }
    if (bar != null) {
      bar.stepTo(done);
    }
  }

  @Override
  public synchronized void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
