package dev.witnessmark.cuda.driver;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import jcuda.driver.JCudaDriver;

/**
 * Host memory that stays in place and that the device reads and writes by itself, as an arena: its
 * segments end with it, and it ends only after the streams that use them. Any thread may use it.
 */
public final class PinnedArena extends StreamUsed implements Arena {

  /** The driver gives whole pages. */
  private static final long PAGE = 4096;

  /** Ends the segments for Java; the memory itself is freed later, by {@link #free()}. */
  private final Arena lifetime = Arena.ofShared();

  /** Guarded by this arena's monitor. */
  private final List<MemorySegment> blocks = new ArrayList<>();

  PinnedArena(Context context) {
    super(context);
  }

  /**
   * New memory, filled with zeros.
   *
   * @throws IllegalArgumentException if {@code byteSize} is not positive or {@code byteAlignment}
   *     is more than a page
   */
  @Override
  public MemorySegment allocate(long byteSize, long byteAlignment) {
    if (byteSize <= 0 || byteAlignment > PAGE || Long.bitCount(byteAlignment) != 1) {
      throw new IllegalArgumentException(
          "cannot allocate %d bytes of pinned memory, aligned to %d"
              .formatted(byteSize, byteAlignment));
    }
    context().enter("cuMemHostAlloc");
    synchronized (this) {
      requireOpen();
      HostPointer pointer = new HostPointer();
      context()
          .check(
              "cuMemHostAlloc",
              JCudaDriver.cuMemHostAlloc(pointer, byteSize, 0),
              byteSize + " bytes of pinned memory");
      MemorySegment block = segment(pointer.address(), byteSize);
      blocks.add(block);
      context().pinnedBlocks().add(block, this);
      return block.fill((byte) 0);
    }
  }

  @SuppressWarnings("restricted") // The driver has just given these bytes.
  private MemorySegment segment(long address, long bytes) {
    return MemorySegment.ofAddress(address).reinterpret(bytes, lifetime, null);
  }

  @Override
  public MemorySegment.Scope scope() {
    return lifetime.scope();
  }

  /**
   * Ends the segments, waits for the streams that use them and frees the memory.
   *
   * @throws IllegalStateException if a native call is using a segment; the arena then stays open
   */
  @Override
  public void close() {
    super.close();
  }

  @Override
  void beforeClosing() {
    lifetime.close();
  }

  @Override
  void free() {
    List<MemorySegment> freed;
    synchronized (this) {
      freed = List.copyOf(blocks);
      blocks.clear();
    }
    for (MemorySegment block : freed) {
      context().pinnedBlocks().remove(block);
      context()
          .checkUnlessLost(
              "cuMemFreeHost",
              JCudaDriver.cuMemFreeHost(new HostPointer(block)),
              block.byteSize() + " bytes of pinned memory");
    }
  }

  @Override
  public String toString() {
    return "pinned arena on cuda:" + context().device().ordinal();
  }
}
