package dev.witnessmark.cuda.driver;

import java.lang.foreign.MemorySegment;

/**
 * Pinned memory of a stream through which copies from and to any host memory go, in two halves: the
 * device copies one while the other is filled or emptied. Java alone touches the other memory, with
 * all its checks. Used under the stream's monitor.
 */
final class Staging {

  private static final long HALF_BYTES = 2L << 20;

  /** One half, and the event that the device is done with it. */
  private record Half(MemorySegment memory, Event done) {}

  private final Stream stream;
  private final PinnedArena arena;
  private final Half[] halves;

  private Staging(Stream stream, PinnedArena arena, Half[] halves) {
    this.stream = stream;
    this.arena = arena;
    this.halves = halves;
  }

  static Staging create(Stream stream) {
    Context context = stream.context();
    PinnedArena arena = context.pinnedArena();
    Half[] halves = new Half[2];
    try {
      MemorySegment memory = arena.allocate(2 * HALF_BYTES);
      for (int i = 0; i < halves.length; i++) {
        halves[i] = new Half(memory.asSlice(i * HALF_BYTES, HALF_BYTES), context.event());
      }
    } catch (RuntimeException failure) {
      release(arena, halves);
      throw failure;
    }
    return new Staging(stream, arena, halves);
  }

  /** Enqueues the copy; {@code host} has been read on return. */
  void upload(MemorySegment host, DeviceMemory device) {
    int half = 0;
    for (long at = 0; at < host.byteSize(); at += HALF_BYTES) {
      long bytes = Math.min(HALF_BYTES, host.byteSize() - at);
      halves[half].done.synchronise();
      MemorySegment part = halves[half].memory.asSlice(0, bytes);
      part.copyFrom(host.asSlice(at, bytes));
      stream.uploadAsync(part, device.slice(at, bytes));
      stream.record(halves[half].done);
      half = 1 - half;
    }
  }

  /** Copies; {@code host} is complete on return. */
  void download(DeviceMemory device, MemorySegment host) {
    int half = 0;
    for (long at = 0; at < host.byteSize() + HALF_BYTES; at += HALF_BYTES) {
      if (at < host.byteSize()) {
        long bytes = Math.min(HALF_BYTES, host.byteSize() - at);
        stream.downloadAsync(device.slice(at, bytes), halves[half].memory.asSlice(0, bytes));
        stream.record(halves[half].done);
      }
      half = 1 - half;
      long before = at - HALF_BYTES;
      if (before >= 0) {
        long bytes = Math.min(HALF_BYTES, host.byteSize() - before);
        halves[half].done.synchronise();
        host.asSlice(before, bytes).copyFrom(halves[half].memory.asSlice(0, bytes));
      }
    }
  }

  void close() {
    release(arena, halves);
  }

  private static void release(PinnedArena arena, Half[] halves) {
    try (arena) {
      for (Half half : halves) {
        // The second is missing if it could not be made.
        if (half != null) {
          half.done.close();
        }
      }
    }
  }
}
