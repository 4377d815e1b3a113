package dev.witnessmark.cuda.blas;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.witnessmark.cuda.driver.DriverUnavailable;
import dev.witnessmark.cuda.driver.StreamHandle;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import jcuda.cudaDataType;
import jcuda.jcublas.cublasGemmAlgo;
import jcuda.jcublas.cublasOperation;

/** The installed cuBLAS, whatever its version, called without JCuda. Device addresses are longs. */
final class ForeignBlasBinding implements BlasBinding {

  private final BlasLibrary library;
  private final MethodHandle destroy;
  private final MethodHandle setStream;
  private final MethodHandle gemmEx;
  private final MemorySegment handle;
  private final String description;

  /** The factors 1 and 0 of {@code y = 1·w·x + 0·y}. */
  private final MemorySegment one;

  private final MemorySegment zero;

  private ForeignBlasBinding(BlasLibrary library, Arena arena) throws DriverUnavailable {
    this.library = library;
    one = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1);
    zero = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 0);
    destroy = call("cublasDestroy_v2", FunctionDescriptor.of(JAVA_INT, ADDRESS));
    setStream = call("cublasSetStream_v2", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));
    gemmEx =
        call(
            "cublasGemmEx",
            FunctionDescriptor.of(
                JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS,
                JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, ADDRESS, JAVA_LONG,
                JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    MethodHandle create = call("cublasCreate_v2", FunctionDescriptor.of(JAVA_INT, ADDRESS));
    MethodHandle getVersion =
        call("cublasGetVersion_v2", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
    MemorySegment created = arena.allocate(ADDRESS);
    MemorySegment version = arena.allocate(JAVA_INT);
    BlasException.check(
        "cublasCreate", status(() -> (int) create.invokeExact(created)), "handle", library);
    handle = created.get(ADDRESS, 0);
    BlasException.check(
        "cublasGetVersion",
        status(() -> (int) getVersion.invokeExact(handle, version)),
        "handle",
        library);
    description = library.file() + ", cuBLAS " + version.get(JAVA_INT, 0);
  }

  static ForeignBlasBinding open(BlasLibrary library) throws DriverUnavailable {
    return new ForeignBlasBinding(library, Arena.ofAuto());
  }

  @SuppressWarnings("restricted") // The types are those of cublas_api.h.
  private MethodHandle call(String symbol, FunctionDescriptor type) throws DriverUnavailable {
    MemorySegment address =
        library
            .symbols()
            .find(symbol)
            .orElseThrow(
                () -> new DriverUnavailable(library + " has no " + symbol + ": it is no cuBLAS"));
    return Linker.nativeLinker().downcallHandle(address, type);
  }

  /** A downcall; it throws nothing, but its type does not say so. */
  @FunctionalInterface
  private interface Downcall {
    int invoke() throws Throwable;
  }

  private static int status(Downcall call) {
    try {
      return call.invoke();
    } catch (Throwable impossible) {
      throw new AssertionError("a downcall throws nothing", impossible);
    }
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public int setStream(StreamHandle stream) {
    long address = stream.address();
    return status(() -> (int) setStream.invokeExact(handle, address));
  }

  @Override
  public int multiply(MatrixProduct product, long weights, long input, long output) {
    int rows = product.rows();
    int columns = product.columns();
    int elements = product.elements().dataType();
    return status(() ->
        (int)
            gemmEx.invokeExact(
                handle,
                cublasOperation.CUBLAS_OP_T,
                cublasOperation.CUBLAS_OP_N,
                rows,
                product.batch(),
                columns,
                one,
                weights,
                elements,
                columns,
                input,
                elements,
                columns,
                zero,
                output,
                cudaDataType.CUDA_R_32F,
                product.resultStride(),
                product.elements().computeType(),
                cublasGemmAlgo.CUBLAS_GEMM_DEFAULT));
  }

  @Override
  public void close() {
    BlasException.check(
        "cublasDestroy", status(() -> (int) destroy.invokeExact(handle)), "handle", this);
  }

  @Override
  public String toString() {
    return description;
  }
}
