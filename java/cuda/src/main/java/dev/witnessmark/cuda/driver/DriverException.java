package dev.witnessmark.cuda.driver;

import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/** A call of the driver that did not succeed: what was called, for what, on which device. */
public final class DriverException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final String call;
  private final int status;

  private DriverException(
      String message, String call, int status, @Nullable DriverException cause) {
    super(message, cause);
    this.call = call;
    this.status = status;
  }

  /**
   * The call {@code call} returned {@code status}.
   *
   * @param subject what the call was for: a kernel with its launch, a copy with its sizes
   */
  static DriverException of(String call, int status, Object subject, Object device) {
    return new DriverException(
        "%s: %s returned %s, on %s".formatted(subject, call, text(status), device),
        call,
        status,
        null);
  }

  /** The call {@code call} was not made, since the context does not work any more. */
  static DriverException afterLoss(String call, DriverException loss) {
    return new DriverException(
        "%s: not called, the context was lost by an earlier failure: %s"
            .formatted(call, loss.getMessage()),
        call,
        loss.status,
        loss);
  }

  /** For example {@code CUDA_ERROR_OUT_OF_MEMORY (2, out of memory)}. */
  static String text(int status) {
    String[] explanation = new String[1];
    JCudaDriver.cuGetErrorString(status, explanation);
    return explanation[0] == null
        ? "status " + status + ", which this driver does not explain"
        : "%s (%d, %s)".formatted(CUresult.stringFor(status), status, explanation[0]);
  }

  /** Name of the driver's entry point as JCuda has it, for example {@code cuMemAlloc}. */
  public String call() {
    return call;
  }

  /** What it returned, a {@code CUresult}. */
  public int status() {
    return status;
  }

  /** The name that the driver's header has for the status. */
  public String statusName() {
    return CUresult.stringFor(status);
  }
}
