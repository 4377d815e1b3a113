package dev.witnessmark.cuda.driver;

/**
 * Something that the driver keeps for a {@link Context} until it is closed; closing the context
 * closes it too. Closing twice is no mistake, use after closing is.
 */
abstract class Resource implements AutoCloseable {

  private final Context context;
  private boolean closed;

  Resource(Context context) {
    this.context = context;
  }

  /** Where this belongs. */
  public final Context context() {
    return context;
  }

  final synchronized void requireOpen() {
    if (closed) {
      throw new IllegalStateException(this + " is closed");
    }
  }

  final synchronized boolean isOpen() {
    return !closed;
  }

  /**
   * Waits for work that uses this and gives it back to the driver.
   *
   * @throws DriverException if the driver does not take it; it counts as closed all the same
   */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      beforeClosing();
      closed = true;
    }
    try {
      context.makeCurrent();
      release();
    } finally {
      context.forget(this);
    }
  }

  /** What has to succeed before this counts as closed; under the monitor. */
  void beforeClosing() {}

  /** The driver's calls that end this; made once, with the context current. */
  abstract void release();
}
