package dev.witnessmark.kernels.decode;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.VectorWidth;
import java.lang.foreign.MemorySegment;

/** Types without blocks on the Vector API; what does not fill a vector goes to the oracle. */
final class VectorPlainDecoder extends CheckedDecoder {

  /** Converts whole vectors. */
  @FunctionalInterface
  interface Kernel {
    /**
     * Writes the float32 values of the first elements and touches no byte beyond {@code elements}.
     *
     * @return how many elements were converted: less than one vector short of all
     */
    int decode(MemorySegment stored, long at, MemorySegment values, long valuesAt, int elements);
  }

  private final Kernel kernel;
  private final PlainBoundKernel boundKernel;
  private final ScalarDecoder scalar;

  VectorPlainDecoder(TensorType type, Kernel kernel) {
    super(type);
    this.kernel = kernel;
    this.boundKernel = PlainBoundKernel.of(type);
    this.scalar = new ScalarDecoder(type);
  }

  @Override
  public String implementation() {
    return "vector-" + VectorWidth.bits();
  }

  @Override
  void decodeChecked(
      MemorySegment stored, long storedAt, MemorySegment values, long valuesAt, int elements) {
    int done = kernel.decode(stored, storedAt, values, valuesAt, elements);
    scalar.decodeChecked(
        stored, storedAt + type.bytes(done), values, valuesAt + 4L * done, elements - done);
  }

  @Override
  void boundsChecked(
      MemorySegment stored,
      long storedAt,
      MemorySegment values,
      long valuesAt,
      MemorySegment bounds,
      long boundsAt,
      int elements) {
    int done = boundKernel.bounds(values, valuesAt, bounds, boundsAt, elements);
    scalar.boundsChecked(
        stored,
        storedAt + type.bytes(done),
        values,
        valuesAt + 4L * done,
        bounds,
        boundsAt + 4L * done,
        elements - done);
  }
}
