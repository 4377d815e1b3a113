package dev.witnessmark.kernels;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Values in native memory that ends with the last of them. */
public final class Native {

  private Native() {}

  /** {@code values} at the start of memory that holds nothing else. */
  public static MemorySegment floats(float... values) {
    return Arena.ofAuto().allocateFrom(JAVA_FLOAT, values);
  }

  /** {@code values} at the start of memory that holds nothing else. */
  public static MemorySegment doubles(double... values) {
    return Arena.ofAuto().allocateFrom(JAVA_DOUBLE, values);
  }
}
