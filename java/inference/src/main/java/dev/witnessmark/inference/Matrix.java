package dev.witnessmark.inference;

import dev.witnessmark.format.ByteOrderSwap;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.model.Role;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/**
 * A matrix {@code [rows, columns]} of a checkpoint, as stored: a tensor, or one expert's part of a
 * stack of them.
 *
 * @param name name of the tensor, with the expert's number where it is a part
 * @param role what it is for
 * @param view the tensor
 * @param at first byte in the tensor, a multiple of a row's bytes
 * @param rows number of rows
 * @param columns length of a row, whole blocks
 */
public record Matrix(String name, Role role, TensorView view, long at, int rows, int columns) {

  /** How it is stored. */
  public TensorType type() {
    return view.type();
  }

  /** Its size. */
  public long bytes() {
    return type().bytes((long) rows * columns);
  }

  /**
   * Reads whole blocks in little-endian order.
   *
   * @param from first byte, relative to the matrix
   * @param target is filled
   * @throws IOException if the file cannot be read or has become shorter
   */
  void read(long from, MemorySegment target) throws IOException {
    view.read(at + from, target);
    if (view.order() == ByteOrder.BIG_ENDIAN && ByteOrderSwap.changes(type())) {
      ByteOrderSwap.swap(type(), target);
    }
  }
}
