package dev.witnessmark.kernels.operation;

/** A device has less free memory than was asked for. */
public final class OutOfDeviceMemoryException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** With a message that names the device and both numbers. */
  public OutOfDeviceMemoryException(String message, Throwable cause) {
    super(message, cause);
  }
}
