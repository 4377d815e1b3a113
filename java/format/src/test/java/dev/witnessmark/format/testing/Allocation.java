package dev.witnessmark.format.testing;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Counts what a piece of code allocates on the heap. */
public final class Allocation {

  /** Code that may throw anything. */
  @FunctionalInterface
  public interface Code {
    void run() throws Exception;
  }

  private Allocation() {}

  /** Bytes that this thread allocates while running {@code code}, freed or not. */
  public static long bytes(Code code) throws Exception {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    code.run();
    return threads.getCurrentThreadAllocatedBytes() - before;
  }
}
