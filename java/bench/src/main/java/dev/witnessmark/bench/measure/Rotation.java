package dev.witnessmark.bench.measure;

import dev.witnessmark.kernels.operation.Device;
import java.util.ArrayList;
import java.util.List;

/**
 * Sets of operands with the same content in different memory, used in turn.
 *
 * @param <M> memory of the device
 */
final class Rotation<M> {

  /** What new memory is aligned to; sets begin so too. */
  private static final long ALIGNMENT = 256;

  /** So many sets of the smallest operands are enough. */
  private static final int MOST_SETS = 2048;

  private final List<List<M>> sets = new ArrayList<>();
  private int next;

  /** The operands {@code first} alone, every time. */
  Rotation(List<M> first) {
    sets.add(first);
  }

  /** The operands {@code first}, and as many copies of them as {@code spare} holds. */
  Rotation(Device<M> device, List<M> first, M spare) {
    this(first);
    long bytes = first.stream().mapToLong(memory -> aligned(device.bytes(memory))).sum();
    for (long at = 0;
        bytes > 0 && at + bytes <= device.bytes(spare) && sets.size() < MOST_SETS;
        at += bytes) {
      sets.add(copies(device, first, spare, at));
    }
  }

  private static <M> List<M> copies(Device<M> device, List<M> first, M spare, long at) {
    List<M> copies = new ArrayList<>();
    long place = at;
    for (M memory : first) {
      M copy = device.slice(spare, place, device.bytes(memory));
      device.copy(memory, copy);
      copies.add(copy);
      place += aligned(device.bytes(memory));
    }
    return copies;
  }

  private static long aligned(long bytes) {
    return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
  }

  /** How many sets there are. */
  int size() {
    return sets.size();
  }

  /** The operands whose turn it is. */
  List<M> next() {
    List<M> operands = sets.get(next);
    next = (next + 1) % sets.size();
    return operands;
  }
}
