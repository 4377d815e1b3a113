package dev.witnessmark.kernels.exact;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A piece of {@link ExactDevice}'s memory. It holds bytes as they were uploaded, or real numbers,
 * four bytes standing for one: whichever was written last, for the whole allocation.
 */
public final class ExactMemory {

  /** What slices of one allocation share. */
  private static final class Storage {
    private final Arena arena;
    private final long bytes;
    private @Nullable MemorySegment stored;
    private double @Nullable [] reals;

    Storage(Arena arena, long bytes) {
      this.arena = arena;
      this.bytes = bytes;
    }

    MemorySegment stored() {
      if (stored == null) {
        stored = arena.allocate(bytes, Double.BYTES);
      }
      return stored;
    }

    /** The numbers; what was uploaded before is taken for float32. */
    double[] reals() {
      if (reals == null) {
        reals = new double[Math.toIntExact(bytes / Float.BYTES)];
        if (stored != null) {
          for (int i = 0; i < reals.length; i++) {
            reals[i] = stored.getAtIndex(ValueLayout.JAVA_FLOAT, i);
          }
        }
      }
      return reals;
    }
  }

  private final Storage storage;
  private final long at;
  private final long bytes;

  private ExactMemory(Storage storage, long at, long bytes) {
    this.storage = storage;
    this.at = at;
    this.bytes = bytes;
  }

  static ExactMemory allocate(Arena arena, long bytes) {
    return new ExactMemory(new Storage(arena, bytes), 0, bytes);
  }

  long bytes() {
    return bytes;
  }

  ExactMemory slice(long from, long length) {
    Objects.checkFromIndexSize(from, length, bytes);
    return new ExactMemory(storage, at + from, length);
  }

  /** Bytes as they were uploaded. */
  MemorySegment stored() {
    return storage.stored().asSlice(at, bytes);
  }

  /** Makes this hold bytes. */
  void store(MemorySegment from) {
    if (storage.reals != null && bytes != storage.bytes) {
      double[] reals = storage.reals;
      int first = first();
      for (int i = 0; i < count(); i++) {
        reals[first + i] = from.get(ValueLayout.JAVA_FLOAT_UNALIGNED, (long) i * Float.BYTES);
      }
    } else {
      storage.reals = null;
      stored().copyFrom(from);
    }
  }

  /** The numbers, copied. */
  double[] reals() {
    double[] reals = storage.reals;
    int first = first();
    if (reals != null) {
      return Arrays.copyOfRange(reals, first, first + count());
    }
    double[] copy = new double[count()];
    MemorySegment floats = stored();
    for (int i = 0; i < copy.length; i++) {
      copy[i] = floats.get(ValueLayout.JAVA_FLOAT_UNALIGNED, (long) i * Float.BYTES);
    }
    return copy;
  }

  /** Makes this hold numbers. */
  void set(double[] numbers) {
    System.arraycopy(numbers, 0, storage.reals(), first(), count());
  }

  /** Whether numbers, not bytes, were written last. */
  boolean holdsReals() {
    return storage.reals != null;
  }

  private int first() {
    return Math.toIntExact(at / Float.BYTES);
  }

  private int count() {
    return Math.toIntExact(bytes / Float.BYTES);
  }
}
