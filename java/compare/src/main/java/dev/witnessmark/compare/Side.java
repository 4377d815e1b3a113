package dev.witnessmark.compare;

import dev.witnessmark.format.Shape;
import dev.witnessmark.format.TensorType;
import java.util.Arrays;
import java.util.List;

/**
 * One side of a compared tensor.
 *
 * @param name its name, with the rows in brackets if it is part of a fused or stacked tensor
 * @param type how it is stored
 * @param shape its dimensions, slowest first
 */
public record Side(String name, TensorType type, List<Long> shape) {

  public Side {
    shape = List.copyOf(shape);
  }

  public static Side of(String name, TensorType type, Shape shape) {
    return new Side(name, type, Arrays.stream(shape.toArray()).boxed().toList());
  }

  /** Number of values. */
  public long elements() {
    return shape.stream().reduce(1L, (x, y) -> x * y);
  }
}
