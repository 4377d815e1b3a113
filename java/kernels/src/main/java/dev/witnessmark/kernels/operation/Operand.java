package dev.witnessmark.kernels.operation;

/**
 * One argument of an operation: a contiguous sequence of elements.
 *
 * @param name what it is, in the field's terms
 * @param direction whether the operation reads or writes it
 * @param element what it is a sequence of
 * @param count number of elements, at least 0
 */
public record Operand(String name, Direction direction, Element element, long count) {

  /** Which way the bytes go. */
  public enum Direction {
    IN,
    OUT
  }

  /** An operand that is read. */
  static Operand in(String name, Element element, long count) {
    return new Operand(name, Direction.IN, element, count);
  }

  /** An operand of which every byte is written. */
  static Operand out(String name, Element element, long count) {
    return new Operand(name, Direction.OUT, element, count);
  }

  /** Its size. */
  public long bytes() {
    return Math.multiplyExact(count, (long) element.bytes());
  }
}
