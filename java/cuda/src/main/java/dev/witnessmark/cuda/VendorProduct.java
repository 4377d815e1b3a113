package dev.witnessmark.cuda;

import dev.witnessmark.cuda.blas.MatrixProduct;
import dev.witnessmark.cuda.driver.DeviceMemory;
import dev.witnessmark.kernels.operation.Pool;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/**
 * A product of two square matrices of random bfloat16 numbers by cuBLAS and nothing else: what fast
 * products can be as fast as.
 */
public final class VendorProduct implements AutoCloseable {

  /** Sign, the lowest three bits of the exponent, mantissa: of four numbers. */
  private static final long RANDOM_BITS = 0x83ff_83ff_83ff_83ffL;

  /** With it exponents are those of 2⁻⁷ to 1. */
  private static final long EXPONENTS = 0x3c00_3c00_3c00_3c00L;

  private final CudaDevice device;
  private final MatrixProduct product;
  private final Pool<DeviceMemory> pool;
  private final DeviceMemory weights;
  private final DeviceMemory activations;
  private final DeviceMemory results;

  /**
   * Makes the matrices.
   *
   * @param extent of their rows and columns, a multiple of 4
   */
  VendorProduct(CudaDevice device, int extent) {
    this.device = device;
    product = new MatrixProduct(extent, extent, extent, MatrixProduct.Elements.BFLOAT16);
    pool = device.pool();
    weights = pool.allocate(product.weightBytes());
    activations = pool.allocate(product.inputBytes());
    results = pool.allocate(product.outputBytes());
    SplittableRandom random = new SplittableRandom(1);
    for (DeviceMemory factor : new DeviceMemory[] {weights, activations}) {
      long[] fours = new long[Math.toIntExact(factor.bytes() / Long.BYTES)];
      for (int i = 0; i < fours.length; i++) {
        fours[i] = (random.nextLong() & RANDOM_BITS) | EXPONENTS;
      }
      device.upload(MemorySegment.ofArray(fours), factor);
    }
  }

  /** Additions and multiplications of one. */
  public double operations() {
    return 2.0 * product.rows() * product.columns() * product.batch();
  }

  /** Asks the device for one. */
  public void run() {
    device.multiply(product, weights, activations, results);
  }

  @Override
  public void close() {
    pool.close();
  }
}
