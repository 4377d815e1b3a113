package dev.witnessmark.format;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * One tensor of a checkpoint: its description and where its bytes are. Nothing is loaded.
 *
 * @param name the tensor's name; for anonymous ONNX matrices the one derived from their use
 * @param storedName the name in the file, equal to {@code name} nearly always
 * @param type how the values are stored
 * @param shape dimensions as stored, slowest first
 * @param source the file that holds the bytes
 * @param offset first byte in that file
 * @param bytes number of bytes: {@code type.bytes(shape.elements())}
 * @param order byte order of multi-byte fields
 * @param transposed true where a matrix is stored {@code [in, out]} while its name promises {@code
 *     [out, in]} (ONNX {@code MatMul} weights)
 * @param affine scale and zero point of ONNX integer tensors, null elsewhere
 */
public record TensorView(
    String name,
    String storedName,
    TensorType type,
    Shape shape,
    ByteSource source,
    long offset,
    long bytes,
    ByteOrder order,
    boolean transposed,
    @Nullable AffineCode affine) {

  /** A little-endian tensor under its own name, in its own orientation. */
  public static TensorView stored(
      String name, TensorType type, Shape shape, ByteSource source, long offset, long bytes) {
    return new TensorView(
        name, name, type, shape, source, offset, bytes, ByteOrder.LITTLE_ENDIAN, false, null);
  }

  /** This tensor with multi-byte fields in {@code order}. */
  public TensorView in(ByteOrder order) {
    return new TensorView(
        name, storedName, type, shape, source, offset, bytes, order, transposed, affine);
  }

  /**
   * Fills {@code target} with stored bytes, {@code at} being relative to the tensor's first byte.
   *
   * @throws IndexOutOfBoundsException if that leaves the tensor
   * @throws IOException if the file cannot be read or has become shorter
   */
  public void read(long at, MemorySegment target) throws IOException {
    if (at < 0 || target.byteSize() > bytes - at) {
      throw new IndexOutOfBoundsException(
          "%s: %d bytes at %d of %d".formatted(name, target.byteSize(), at, bytes));
    }
    source.read(offset + at, target);
  }
}
