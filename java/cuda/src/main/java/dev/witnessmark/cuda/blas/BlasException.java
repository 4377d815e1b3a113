package dev.witnessmark.cuda.blas;

import jcuda.jcublas.cublasStatus;

/** A call of cuBLAS that did not succeed: what was called, for which product, where. */
public final class BlasException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final int status;

  private BlasException(String message, int status) {
    super(message);
    this.status = status;
  }

  /** Turns every status but success into an exception. */
  static void check(String call, int status, Object subject, Object where) {
    if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
      throw new BlasException(
          "%s: %s returned %s (%d), with %s"
              .formatted(subject, call, cublasStatus.stringFor(status), status, where),
          status);
    }
  }

  /** What cuBLAS returned, a {@code cublasStatus_t}. */
  public int status() {
    return status;
  }
}
