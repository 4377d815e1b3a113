package dev.witnessmark.format;

import java.math.BigInteger;
import java.util.List;

/** A metadata value with the type it was stored as. */
public sealed interface MetadataValue {

  /** UTF-8 text. */
  record Text(String value) implements MetadataValue {}

  /** An integer of 8 to 64 bits, signed or not. */
  record Whole(BigInteger value) implements MetadataValue {}

  /** A floating-point number of 32 or 64 bits, widened exactly. */
  record Real(double value) implements MetadataValue {}

  /** True or false. */
  record Flag(boolean value) implements MetadataValue {}

  /**
   * An array. Only its first elements are kept, so that memory does not follow a number in the
   * file; the rest is at {@code offset}.
   *
   * @param elementType name of the elements' type as the format calls it
   * @param count number of elements
   * @param head the first elements, {@value #HEAD} at most; none for an array inside an array
   * @param offset byte offset in the file of the first element
   * @param bytes bytes of all elements
   */
  record Sequence(String elementType, long count, List<MetadataValue> head, long offset, long bytes)
      implements MetadataValue {
    /** How many elements are kept. */
    public static final int HEAD = 16;

    public Sequence {
      head = List.copyOf(head);
    }
  }
}
