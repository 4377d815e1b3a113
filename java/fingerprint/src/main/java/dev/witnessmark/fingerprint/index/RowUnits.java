package dev.witnessmark.fingerprint.index;

import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tensors cut into pieces of rows that workers take one after the other, in file order. */
final class RowUnits {

  /** Values of a piece, if a row is not longer: enough to make up for taking it. */
  private static final long VALUES = 1 << 20;

  /** Rows of a piece at most. */
  static final int MOST_ROWS = 1 << 13;

  /** Rows of a head, of many models: a piece of these does not cut heads in two. */
  private static final int HEAD = 128;

  /**
   * Some rows of one tensor.
   *
   * @param tensor its number
   * @param first first row
   * @param count number of rows
   */
  record Unit(int tensor, long first, int count) {}

  private final List<CheckpointTensor> tensors;
  private final Iterator<Integer> numbers;
  private int current = -1;
  private long next;
  private boolean stopped;

  /**
   * @param numbers numbers of the tensors that are to be cut, each with at least one row
   */
  RowUnits(List<CheckpointTensor> tensors, List<Integer> numbers) {
    this.tensors = tensors;
    this.numbers = numbers.iterator();
  }

  /** How many rows of {@code tensor} a piece has. */
  static int rowsAtOnce(CheckpointTensor tensor) {
    long fitting = Math.clamp(VALUES / tensor.columns(), 1, MOST_ROWS);
    return (int) (fitting < HEAD ? fitting : fitting / HEAD * HEAD);
  }

  /** The next piece; null when nothing is left. */
  synchronized @Nullable Unit take() {
    if (stopped) {
      return null;
    }
    if (current < 0 || next == tensors.get(current).rows()) {
      if (!numbers.hasNext()) {
        return null;
      }
      current = numbers.next();
      next = 0;
    }
    CheckpointTensor tensor = tensors.get(current);
    Unit unit = new Unit(current, next, (int) Math.min(rowsAtOnce(tensor), tensor.rows() - next));
    next += unit.count();
    return unit;
  }

  /** Gives nothing out any more. */
  synchronized void stop() {
    stopped = true;
  }
}
