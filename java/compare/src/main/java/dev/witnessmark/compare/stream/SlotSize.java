package dev.witnessmark.compare.stream;

/**
 * How much of a pair goes to a device at once. The largest chunk fits, whatever it is stored as and
 * however short its rows are. All sizes are multiples of 256.
 *
 * @param sideBytes of each side, as stored or as float32, with bounds where the host computes them
 * @param elements of each side
 * @param resultBytes what the device says of them
 */
record SlotSize(long sideBytes, long elements, long resultBytes) {

  /** Copies of some MiB are as fast as larger ones, and take longer than all calls for them. */
  static final SlotSize DEFAULT = new SlotSize(4L << 20, 1L << 21, 2L << 20);

  /** Memory of the host, for both sides and the results. */
  long hostBytes() {
    return 2 * sideBytes + resultBytes;
  }

  /** A float32 for every element of a side. */
  long floatBytes() {
    return elements * Float.BYTES;
  }

  /** Memory of the device for one side: as stored, its values and their bounds. */
  long deviceSideBytes() {
    return sideBytes + 2 * floatBytes();
  }

  /** Memory of the device, for both sides and the results. */
  long deviceBytes() {
    return 2 * deviceSideBytes() + resultBytes;
  }
}
