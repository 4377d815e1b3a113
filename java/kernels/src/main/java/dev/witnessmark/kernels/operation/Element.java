package dev.witnessmark.kernels.operation;

/** What an operand is a sequence of, little-endian. */
public enum Element {
  FLOAT32(4),
  FLOAT16(2),
  INT16(2),
  INT32(4),
  INT64(8),
  /** Bytes whose meaning the operation's parameters say: stored blocks, records. */
  BYTE(1);

  private final int bytes;

  Element(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }
}
