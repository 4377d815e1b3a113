package dev.witnessmark.cuda.driver;

/** CUDA cannot be used in this process; the message is the one reason, with what to do. */
public final class DriverUnavailable extends Exception {

  private static final long serialVersionUID = 1;

  public DriverUnavailable(String reason) {
    super(reason);
  }

  public DriverUnavailable(String reason, Throwable cause) {
    super(reason, cause);
  }
}
