package dev.witnessmark.compare.stream;

/**
 * How much of a pair goes to a device at once. All sizes are multiples of 256.
 *
 * @param sideBytes of each side, as stored or as float32, with bounds where the host computes them
 * @param elements of each side
 * @param resultBytes what the device says of them
 */
record SlotSize(long sideBytes, long elements, long resultBytes) {

  /**
   * The fastest of all from half a MiB to eight on an H200 with sixteen processors: smaller ones
   * need too many calls; larger ones no longer stay in the last-level cache between read and copy,
   * and pinned memory takes its time to get.
   */
  static final SlotSize USUAL = new SlotSize(2L << 20, 2L << 20, 1L << 18);

  /** Room for one chunk, whatever it is stored as and however short its rows are. */
  static final SlotSize LARGEST_CHUNK = new SlotSize(2L << 20, (1L << 18) + 256, 2L << 20);

  /** Chunks that a slot holds, of those that are not cut short by their rows. */
  int chunks() {
    return Math.toIntExact(sideBytes / ChunkPlan.BYTES_PER_SIDE);
  }

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
