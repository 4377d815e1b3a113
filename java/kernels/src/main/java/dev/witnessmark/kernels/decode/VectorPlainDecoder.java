package dev.witnessmark.kernels.decode;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.VectorWidth;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** Types without blocks on the Vector API; what does not fill a vector goes to the oracle. */
final class VectorPlainDecoder implements Decoder {

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

  private final TensorType type;
  private final Kernel kernel;
  private final Decoder scalar;

  VectorPlainDecoder(TensorType type, Kernel kernel) {
    this.type = type;
    this.kernel = kernel;
    this.scalar = new ScalarDecoder(type);
  }

  @Override
  public TensorType type() {
    return type;
  }

  @Override
  public String implementation() {
    return "vector-" + VectorWidth.bits();
  }

  @Override
  public void decode(
      MemorySegment stored, long storedAt, MemorySegment values, long valuesAt, int elements) {
    Objects.checkFromIndexSize(storedAt, type.bytes(elements), stored.byteSize());
    Objects.checkFromIndexSize(valuesAt, 4L * elements, values.byteSize());
    int done = kernel.decode(stored, storedAt, values, valuesAt, elements);
    scalar.decode(
        stored, storedAt + type.bytes(done), values, valuesAt + 4L * done, elements - done);
  }
}
