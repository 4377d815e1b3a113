package dev.witnessmark.inference;

import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.Element;
import dev.witnessmark.model.transformer.StageKey;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * What a stage made in one call, still on the device. The memory is used again by the next layer:
 * what is to be kept is copied before {@link StageSink#take} returns.
 *
 * @param key which stage of which layer
 * @param call the positions; attention's squares are {@code [heads, positions, visible]} here
 * @param parts matrices that are a row's consecutive parts: one for most stages, three where
 *     queries, keys and values are one row
 * @param device where the memory is
 * @param <M> memory of the device
 */
public record StageTensor<M>(StageKey key, Call call, List<Part<M>> parts, Device<M> device) {

  /**
   * A matrix.
   *
   * @param memory its rows without gaps
   * @param rows number of rows
   * @param columns elements of one
   * @param element float32 or int32
   * @param <M> memory of the device
   */
  public record Part<M>(M memory, int rows, int columns, Element element) {}

  public StageTensor {
    parts = List.copyOf(parts);
  }

  /** Elements of all parts. */
  public long elements() {
    return parts.stream().mapToLong(p -> (long) p.rows() * p.columns()).sum();
  }

  /** Writes all values as float32, row by row, bits as they are; integers become floats. */
  public void copyTo(MemorySegment target) {
    int width = parts.stream().mapToInt(Part::columns).sum();
    int column = 0;
    for (Part<M> part : parts) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment rows = arena.allocate(device.bytes(part.memory()), Float.BYTES);
        device.download(part.memory(), rows);
        if (part.element() == Element.INT32) {
          widen(rows);
        }
        long rowBytes = (long) part.columns() * Float.BYTES;
        for (int row = 0; row < part.rows(); row++) {
          long to = ((long) row * width + column) * Float.BYTES;
          MemorySegment.copy(rows, row * rowBytes, target, to, rowBytes);
        }
      }
      column += part.columns();
    }
  }

  /** All values as {@link #copyTo} writes them. */
  public float[] floats() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment values = arena.allocate(elements() * Float.BYTES, Float.BYTES);
      copyTo(values);
      return values.toArray(ValueLayout.JAVA_FLOAT);
    }
  }

  private static void widen(MemorySegment integers) {
    for (long at = 0; at < integers.byteSize(); at += Float.BYTES) {
      integers.set(ValueLayout.JAVA_FLOAT, at, integers.get(ValueLayout.JAVA_INT, at));
    }
  }

  /** All values in float64, row by row: on a device that computes in it, unrounded. */
  public double[] reals() {
    double[] values = new double[Math.toIntExact(elements())];
    int width = parts.stream().mapToInt(Part::columns).sum();
    int column = 0;
    for (Part<M> part : parts) {
      double[] rows = part.element() == Element.INT32 ? integers(part) : reals(part);
      for (int row = 0; row < part.rows(); row++) {
        System.arraycopy(rows, row * part.columns(), values, row * width + column, part.columns());
      }
      column += part.columns();
    }
    return values;
  }

  private double[] reals(Part<M> part) {
    return device.downloadReals(part.memory());
  }

  private double[] integers(Part<M> part) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment rows = arena.allocate(device.bytes(part.memory()), Integer.BYTES);
      device.download(part.memory(), rows);
      int[] integers = rows.toArray(ValueLayout.JAVA_INT);
      double[] values = new double[integers.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = integers[i];
      }
      return values;
    }
  }
}
