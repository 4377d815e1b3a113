package dev.witnessmark.cuda.driver;

import org.jspecify.annotations.Nullable;

/** CUDA cannot be used in this process; the message is the one reason, with what to do. */
public final class DriverUnavailable extends Exception {

  private static final long serialVersionUID = 1;

  DriverUnavailable(String reason, @Nullable Throwable cause) {
    super(reason, cause);
  }
}
