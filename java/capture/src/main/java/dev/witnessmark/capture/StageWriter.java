package dev.witnessmark.capture;

import dev.witnessmark.model.transformer.Hyperparameters;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Puts what the calls of a forward pass make of one stage at its place in the tensor of all
 * positions. The values of a call are rows of its positions; of attention {@code [heads, queries,
 * cached + queries]}, rows that end where the next key is not known yet; of the logits those of the
 * call's last position, and the last call's stay.
 */
final class StageWriter {

  private static final long BUFFER = 1 << 20;

  private final StageKey key;
  private final Hyperparameters model;
  private final int most;
  private final int elementBytes;
  private final StageValues target;
  private int written;

  /**
   * @param most positions that there can be
   * @param elementBytes bytes of a value
   */
  StageWriter(StageKey key, Hyperparameters model, int most, int elementBytes, StageValues target) {
    this.key = key;
    this.model = model;
    this.most = most;
    this.elementBytes = elementBytes;
    this.target = target;
  }

  /** Positions that are there, from the first on without a gap. */
  int written() {
    return written;
  }

  /** Gives the open file back to the system until it is needed again. */
  void release() throws IOException {
    target.release();
  }

  /**
   * Takes the values of one call.
   *
   * @param first the call's first position, the one after those that are there
   * @param count its positions
   * @throws IllegalArgumentException if that is not the next call, or {@code values} has another
   *     size
   */
  void write(int first, int count, MemorySegment values) throws IOException {
    boolean next = key.stage() == Stage.LM_HEAD ? first >= written : first == written;
    if (!next || count < 1 || count > most - first) {
      throw new IllegalArgumentException(
          "%s: positions %d to %d after %d of %d"
              .formatted(key, first, first + count - 1, written, most));
    }
    long expected = (long) elementBytes * elements(first, count);
    if (values.byteSize() != expected) {
      throw new IllegalArgumentException(
          "%s: %d bytes for %d positions after %d, expected %d"
              .formatted(key, values.byteSize(), count, first, expected));
    }
    if (isSquare()) {
      writeSquare(first, count, values);
    } else if (key.stage().isPerPosition()) {
      target.write((long) first * key.stage().rowElements(model), values);
    } else {
      target.write(0, values);
    }
    written = first + count;
  }

  private boolean isSquare() {
    return !key.stage().isPerPosition() && key.stage() != Stage.LM_HEAD;
  }

  private long elements(int first, int count) {
    if (isSquare()) {
      return Math.multiplyExact((long) model.heads() * count, (long) first + count);
    }
    int rows = key.stage().isPerPosition() ? count : 1;
    return (long) rows * key.stage().rowElements(model);
  }

  /** Widens the rows of each head to all positions, with 0 for keys that come later. */
  private void writeSquare(int first, int count, MemorySegment values) throws IOException {
    long row = (long) elementBytes * (first + count);
    long wide = (long) elementBytes * most;
    int together = Math.clamp(BUFFER / wide, 1, count);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment rows = arena.allocate(wide * together);
      for (int head = 0; head < model.heads(); head++) {
        for (int query = 0; query < count; query += together) {
          int some = Math.min(together, count - query);
          for (int i = 0; i < some; i++) {
            long from = ((long) head * count + query + i) * row;
            MemorySegment.copy(values, from, rows, i * wide, row);
          }
          long to = ((long) head * most + first + query) * most;
          target.write(to, rows.asSlice(0, some * wide));
        }
      }
    }
  }

  /**
   * Brings the tensor to the positions that there are, where they are fewer than there could be.
   *
   * @return the number of its elements
   */
  long end() throws IOException {
    if (isSquare() && written < most) {
      closeUp();
    }
    return elements(0, written);
  }

  /** Moves the rows of a square of {@code most} together; each goes to where no later one is. */
  private void closeUp() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment row = arena.allocate((long) elementBytes * written);
      for (int head = 0; head < model.heads(); head++) {
        for (int query = 0; query < written; query++) {
          target.read(((long) head * most + query) * most, row);
          target.write(((long) head * written + query) * written, row);
        }
      }
    }
  }
}
