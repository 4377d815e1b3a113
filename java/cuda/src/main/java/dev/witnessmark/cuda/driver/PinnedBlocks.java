package dev.witnessmark.cuda.driver;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/** The pinned memory of a context, by address. */
final class PinnedBlocks {

  private record Block(MemorySegment memory, PinnedArena arena) {}

  private final ConcurrentSkipListMap<Long, Block> byAddress = new ConcurrentSkipListMap<>();

  void add(MemorySegment memory, PinnedArena arena) {
    byAddress.put(memory.address(), new Block(memory, arena));
  }

  void remove(MemorySegment memory) {
    byAddress.remove(memory.address());
  }

  /**
   * The arena that {@code segment} was allocated from. JCuda checks nothing of this: it would pass
   * the address of freed memory on, or that of an array which the collector moves during the copy.
   *
   * @throws IllegalStateException if its arena is closed
   * @throws IllegalArgumentException if it was not allocated from an arena of this context
   */
  PinnedArena arenaOf(MemorySegment segment) {
    if (!segment.isNative()) {
      throw new IllegalArgumentException(
          "a segment of %d bytes is on the Java heap, where it may move during an asynchronous copy; allocate it from a pinned arena"
              .formatted(segment.byteSize()));
    }
    if (!segment.scope().isAlive()) {
      throw new IllegalStateException(
          "the arena of a segment of %d bytes is closed".formatted(segment.byteSize()));
    }
    Map.Entry<Long, Block> below = byAddress.floorEntry(segment.address());
    if (below != null) {
      MemorySegment memory = below.getValue().memory();
      if (segment.scope().equals(memory.scope())
          && segment.address() + segment.byteSize() <= memory.address() + memory.byteSize()) {
        return below.getValue().arena();
      }
    }
    throw new IllegalArgumentException(
        "a segment of %d bytes is not from a pinned arena of this context, so it might end before an asynchronous copy does"
            .formatted(segment.byteSize()));
  }
}
