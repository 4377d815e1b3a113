package dev.witnessmark.kernels.operation;

import dev.witnessmark.format.TensorType;
import java.util.Collection;

/** What the records ask of their components. */
final class Check {

  private Check() {}

  /** At least one. */
  static void positive(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value + ", must be at least 1");
    }
  }

  /** Zero or more. */
  static void notNegative(String name, long value) {
    if (value < 0) {
      throw new IllegalArgumentException(name + " is " + value + ", must not be negative");
    }
  }

  /** A multiple of {@code divisor}. */
  static void multiple(String name, long value, long divisor) {
    if (value % divisor != 0) {
      throw new IllegalArgumentException(
          name + " is " + value + ", must be a multiple of " + divisor);
    }
  }

  /** At most {@code most}. */
  static void notMore(String name, long value, String nameOfMost, long most) {
    if (value > most) {
      throw new IllegalArgumentException(
          name + " is " + value + ", must not exceed " + nameOfMost + " " + most);
    }
  }

  /** The shape of attention over a KV cache. */
  static void attention(
      int queries, int heads, int keyValueHeads, int headSize, int cached, Element cache) {
    positive("queries", queries);
    positive("keyValueHeads", keyValueHeads);
    positive("heads", heads);
    multiple("heads", heads, keyValueHeads);
    positive("headSize", headSize);
    notMore("queries", queries, "cached", cached);
    if (cache != Element.FLOAT32 && cache != Element.FLOAT16) {
      throw new IllegalArgumentException("cache is " + cache + ", must be FLOAT32 or FLOAT16");
    }
  }

  /** One of {@code known}. */
  static void oneOf(String name, TensorType type, Collection<TensorType> known) {
    if (!known.contains(type)) {
      throw new IllegalArgumentException(name + " is " + type + ", must be one of " + known);
    }
  }

  /**
   * The product of the numbers of elements along each dimension; at most 2⁵⁵, so that bytes fit in
   * 63 bits whatever the element.
   */
  static long elements(long... dimensions) {
    long product = 1;
    for (long dimension : dimensions) {
      product = Math.multiplyExact(product, dimension);
    }
    if (product > 1L << 55) {
      throw new ArithmeticException(product + " elements are more than 2^55");
    }
    return product;
  }
}
