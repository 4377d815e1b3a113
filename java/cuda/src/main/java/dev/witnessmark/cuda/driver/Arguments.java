package dev.witnessmark.cuda.driver;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * The arguments of a launch, in the native layout that the driver reads: pointers to values of
 * eight bytes each. The driver copies them during the launch, so one object serves launch after
 * launch of one thread.
 */
public final class Arguments {

  private static final int MOST = 64;

  /** Holds what {@link #pointer} points to. */
  private final MemorySegment values;

  private final HostPointer pointer;
  private final int[] sizes = new int[MOST];
  private final List<DeviceMemory> memories = new ArrayList<>();
  private int count;

  public Arguments() {
    // Garbage-collected: a launch ends before the call returns, and this is cheap to lose.
    MemorySegment block = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG, 2L * MOST);
    values = block.asSlice(MOST * ValueLayout.JAVA_LONG.byteSize());
    for (int i = 0; i < MOST; i++) {
      block.setAtIndex(
          ValueLayout.JAVA_LONG, i, values.address() + i * ValueLayout.JAVA_LONG.byteSize());
    }
    pointer = new HostPointer(block);
  }

  /** Forgets all arguments. */
  public Arguments clear() {
    memories.clear();
    count = 0;
    return this;
  }

  /** Appends a pointer to {@code memory}. */
  public Arguments add(DeviceMemory memory) {
    int index = next(Long.BYTES);
    memories.add(memory);
    values.setAtIndex(ValueLayout.JAVA_LONG, index, memory.pointer().address());
    return this;
  }

  public Arguments add(int value) {
    values.set(ValueLayout.JAVA_INT, next(Integer.BYTES) * 8L, value);
    return this;
  }

  public Arguments add(long value) {
    values.setAtIndex(ValueLayout.JAVA_LONG, next(Long.BYTES), value);
    return this;
  }

  public Arguments add(float value) {
    values.set(ValueLayout.JAVA_FLOAT, next(Float.BYTES) * 8L, value);
    return this;
  }

  private int next(int bytes) {
    if (count == MOST) {
      throw new IllegalStateException("a launch has at most %d arguments".formatted(MOST));
    }
    sizes[count] = bytes;
    return count++;
  }

  int count() {
    return count;
  }

  /** Bytes of argument {@code index}. */
  int size(int index) {
    return sizes[index];
  }

  List<DeviceMemory> memories() {
    return memories;
  }

  /** Valid as long as these arguments are reachable. */
  HostPointer pointer() {
    return pointer;
  }
}
