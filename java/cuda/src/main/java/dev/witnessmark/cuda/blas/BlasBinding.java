package dev.witnessmark.cuda.blas;

import dev.witnessmark.cuda.driver.StreamHandle;

/**
 * The calls of cuBLAS that are used; each returns a {@code cublasStatus_t}. cuBLAS counts columns
 * first, so row-major {@code w} is its transposed matrix and {@code y} comes out row-major.
 */
interface BlasBinding extends AutoCloseable {

  String description();

  int setStream(StreamHandle stream);

  /** The product with device addresses of {@code w}, {@code x} and {@code y}. */
  int multiply(MatrixProduct product, long weights, long input, long output);

  @Override
  void close();
}
