package dev.witnessmark.cuda.blas;

import dev.witnessmark.cuda.driver.StreamHandle;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import jcuda.Pointer;
import jcuda.cudaDataType;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasGemmAlgo;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import jcuda.jcublas.cublasStatus;
import jcuda.runtime.cudaStream_t;

/** cuBLAS 12 by JCuda, which is linked against exactly that. */
final class JCublasBinding implements BlasBinding {

  /** A number as JCuda takes addresses. */
  private static final class Address extends Pointer {
    Address(long address) {
      super(address);
    }
  }

  private final cublasHandle handle;
  private final String description;

  /** The factors 1 and 0 of {@code y = 1·w·x + 0·y}. */
  private final MemorySegment factors = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_FLOAT, 1, 0);

  private JCublasBinding(cublasHandle handle, String description) {
    this.handle = handle;
    this.description = description;
  }

  /** Empty where {@code libcublas.so.12} is not installed. */
  static Optional<BlasBinding> open() {
    cublasHandle handle = new cublasHandle();
    int[] version = new int[1];
    try {
      if (JCublas2.cublasCreate(handle) != cublasStatus.CUBLAS_STATUS_SUCCESS
          || JCublas2.cublasGetVersion(handle, version) != cublasStatus.CUBLAS_STATUS_SUCCESS) {
        return Optional.empty();
      }
    } catch (LinkageError absent) {
      return Optional.empty();
    }
    return Optional.of(new JCublasBinding(handle, "JCublas2, cuBLAS " + version[0]));
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public int setStream(StreamHandle stream) {
    return JCublas2.cublasSetStream(handle, new cudaStream_t(stream));
  }

  @Override
  public int multiply(MatrixProduct product, long weights, long input, long output) {
    int elements = product.elements().dataType();
    return JCublas2.cublasGemmEx_new(
        handle,
        cublasOperation.CUBLAS_OP_T,
        cublasOperation.CUBLAS_OP_N,
        product.rows(),
        product.batch(),
        product.columns(),
        new Address(factors.address()),
        new Address(weights),
        elements,
        product.columns(),
        new Address(input),
        elements,
        product.columns(),
        new Address(factors.address() + Float.BYTES),
        new Address(output),
        cudaDataType.CUDA_R_32F,
        product.resultStride(),
        product.elements().computeType(),
        cublasGemmAlgo.CUBLAS_GEMM_DEFAULT);
  }

  @Override
  public void close() {
    BlasException.check("cublasDestroy", JCublas2.cublasDestroy(handle), "handle", this);
  }

  @Override
  public String toString() {
    return description;
  }
}
