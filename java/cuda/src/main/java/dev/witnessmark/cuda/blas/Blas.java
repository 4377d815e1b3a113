package dev.witnessmark.cuda.blas;

import dev.witnessmark.cuda.driver.Context;
import dev.witnessmark.cuda.driver.DeviceMemory;
import dev.witnessmark.cuda.driver.DriverUnavailable;
import dev.witnessmark.cuda.driver.Stream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** cuBLAS in one context. One thread at a time uses it, since a handle has one stream. */
public final class Blas implements AutoCloseable {

  private final BlasBinding binding;

  private Blas(BlasBinding binding) {
    this.binding = binding;
  }

  /** Where a cuBLAS comes from. */
  @FunctionalInterface
  public interface Source {

    /**
     * Opens it.
     *
     * @param context is made current
     * @throws DriverUnavailable if there is no cuBLAS that works, with all that was tried
     */
    Blas open(Context context) throws DriverUnavailable;
  }

  /**
   * Opens the installed one by JCuda's binding or, where that does not load, directly.
   *
   * @param context is made current
   * @throws DriverUnavailable if there is no cuBLAS that works, with all that was tried
   */
  public static Blas installed(Context context) throws DriverUnavailable {
    context.makeCurrent();
    Optional<BlasBinding> jcuda = JCublasBinding.open();
    return new Blas(
        jcuda.isPresent() ? jcuda.get() : ForeignBlasBinding.open(BlasLibrary.installed()));
  }

  /**
   * Opens the one in {@code folder}, and no other: what is installed cannot work with the emulated
   * device.
   *
   * @param context is made current
   * @throws DriverUnavailable if there is none that works, with all that was tried
   */
  public static Blas in(Path folder, Context context) throws DriverUnavailable {
    context.makeCurrent();
    return new Blas(ForeignBlasBinding.open(BlasLibrary.in(List.of(folder))));
  }

  /** Which binding and which library it is, for the run record. */
  public String description() {
    return binding.description();
  }

  /**
   * Enqueues {@code product} on {@code stream}.
   *
   * @throws IllegalArgumentException if a memory has another size than the product says, or belongs
   *     to another context than the stream
   * @throws BlasException if cuBLAS refuses
   */
  public synchronized void multiply(
      Stream stream,
      MatrixProduct product,
      DeviceMemory weights,
      DeviceMemory input,
      DeviceMemory output) {
    requireSize("w", product.weightBytes(), weights);
    requireSize("x", product.inputBytes(), input);
    requireSize("y", product.outputBytes(), output);
    stream.foreign(
        "cublasGemmEx of " + product,
        List.of(weights, input, output),
        (handle, addresses) -> {
          BlasException.check("cublasSetStream", binding.setStream(handle), product, binding);
          BlasException.check(
              "cublasGemmEx",
              binding.multiply(product, addresses[0], addresses[1], addresses[2]),
              product,
              binding);
        });
  }

  private static void requireSize(String name, long bytes, DeviceMemory memory) {
    if (memory.bytes() != bytes) {
      throw new IllegalArgumentException(
          "%s has %d bytes, the product needs %d".formatted(name, memory.bytes(), bytes));
    }
  }

  @Override
  public synchronized void close() {
    binding.close();
  }
}
