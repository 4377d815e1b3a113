package dev.witnessmark.kernels.exact;

import java.lang.foreign.MemorySegment;

/**
 * What is known of an operand: its bytes, or, of float32 numbers that an earlier step computed, the
 * real numbers and how far the computed ones may be from them.
 */
public abstract sealed class Given {

  private Given() {}

  /** An operand as a device takes it. */
  public static Given stored(MemorySegment memory) {
    return new Stored(memory);
  }

  /** Float32 numbers that stand for those of {@code reference}, each within its budget. */
  public static Given computed(Reference reference) {
    return new Computed(reference);
  }

  /** Number {@code i} of float32 numbers. */
  abstract Bounded f32(long i);

  /** How many float32 numbers these are. */
  abstract int count();

  /**
   * The bytes.
   *
   * @throws IllegalArgumentException if they are not known
   */
  abstract MemorySegment memory();

  /** Numbers {@code from} and the next ones. */
  Bounded[] f32(long from, int count) {
    Bounded[] numbers = new Bounded[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = f32(from + i);
    }
    return numbers;
  }

  private static final class Stored extends Given {

    private final MemorySegment memory;

    private Stored(MemorySegment memory) {
      this.memory = memory;
    }

    @Override
    Bounded f32(long i) {
      return Bounded.exactly(Numbers.f32(memory, i));
    }

    @Override
    int count() {
      return Math.toIntExact(memory.byteSize() / Float.BYTES);
    }

    @Override
    MemorySegment memory() {
      return memory;
    }
  }

  /** Numbers of an earlier step. */
  static final class Computed extends Given {

    private final Reference reference;

    private Computed(Reference reference) {
      this.reference = reference;
    }

    @Override
    Bounded f32(long i) {
      int at = Math.toIntExact(i);
      return new Bounded(reference.values()[at], reference.budgets()[at]);
    }

    @Override
    int count() {
      return reference.values().length;
    }

    @Override
    MemorySegment memory() {
      throw new IllegalArgumentException(
          "the bytes of %s are needed, not bounds of its numbers".formatted(reference.output()));
    }
  }
}
