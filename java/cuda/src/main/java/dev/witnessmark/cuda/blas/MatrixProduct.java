package dev.witnessmark.cuda.blas;

import jcuda.cudaDataType;
import jcuda.jcublas.cublasComputeType;

/**
 * {@code y[batch, rows] = x[batch, columns] · w[rows, columns]ᵀ}, all row-major; {@code y} is
 * float32.
 *
 * @param resultStride elements from one row of {@code y} to the next, more than {@code rows} where
 *     {@code w} is a part of the rows of a matrix
 * @param elements what {@code w} and {@code x} hold
 */
public record MatrixProduct(int rows, int columns, int batch, int resultStride, Elements elements) {

  /** A product whose results have no gaps. */
  public MatrixProduct(int rows, int columns, int batch, Elements elements) {
    this(rows, columns, batch, rows, elements);
  }

  /** Type of the factors and what they are multiplied with; sums are float32 in any case. */
  public enum Elements {
    FLOAT32(4, cudaDataType.CUDA_R_32F, cublasComputeType.CUBLAS_COMPUTE_32F),
    /** Float32 in memory, rounded to eleven significant bits for tensor cores. */
    TENSOR_FLOAT32(4, cudaDataType.CUDA_R_32F, cublasComputeType.CUBLAS_COMPUTE_32F_FAST_TF32),
    FLOAT16(2, cudaDataType.CUDA_R_16F, cublasComputeType.CUBLAS_COMPUTE_32F),
    BFLOAT16(2, cudaDataType.CUDA_R_16BF, cublasComputeType.CUBLAS_COMPUTE_32F);

    private final int bytes;
    private final int dataType;
    private final int computeType;

    Elements(int bytes, int dataType, int computeType) {
      this.bytes = bytes;
      this.dataType = dataType;
      this.computeType = computeType;
    }

    int bytes() {
      return bytes;
    }

    int dataType() {
      return dataType;
    }

    int computeType() {
      return computeType;
    }
  }

  public MatrixProduct {
    if (rows <= 0 || columns <= 0 || batch <= 0) {
      throw new IllegalArgumentException(
          "a product of %d rows, %d columns and a batch of %d".formatted(rows, columns, batch));
    }
    if (resultStride < rows) {
      throw new IllegalArgumentException(
          "results of %d rows, %d elements apart".formatted(rows, resultStride));
    }
  }

  /** Bytes of {@code w}. */
  public long weightBytes() {
    return (long) rows * columns * elements.bytes();
  }

  /** Bytes of {@code x}. */
  public long inputBytes() {
    return (long) batch * columns * elements.bytes();
  }

  /** Bytes of {@code y}, from its first element to its last. */
  public long outputBytes() {
    return ((batch - 1L) * resultStride + rows) * Float.BYTES;
  }
}
