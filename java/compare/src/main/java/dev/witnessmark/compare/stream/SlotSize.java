package dev.witnessmark.compare.stream;

/**
 * How much of a pair goes to a device at once. The largest chunk fits, whatever it is stored as and
 * however short its rows are.
 *
 * @param sideBytes of each side, as stored or as float32, with bounds where the host computes them
 * @param elements of each side
 * @param resultBytes what the device says of them
 */
record SlotSize(long sideBytes, long elements, long resultBytes) {

  /** Copies of some MiB are as fast as larger ones, and take longer than all calls for them. */
  static final SlotSize DEFAULT = new SlotSize(4L << 20, 1L << 21, 4L << 20);

  /** Memory of the host. */
  long hostBytes() {
    return 2 * sideBytes + resultBytes;
  }
}
