package dev.witnessmark.kernels.operation;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;

/**
 * Where operations run, with the kind of memory they run on: {@link MemorySegment} on the CPU,
 * memory of a GPU elsewhere. The type parameter keeps the two apart.
 *
 * <p>Work is done in the order in which it is asked for; it may still be going on when {@link #run}
 * returns, until {@link #download} or {@link #synchronise}. A device belongs to one thread.
 *
 * @param <M> a piece of this device's memory
 */
public interface Device<M> extends AutoCloseable {

  /** What it is, for the run record: {@code cpu vector-512}, {@code cuda:0 NVIDIA H200}. */
  String name();

  /** Whether there is a kernel for {@code operation} in {@code arithmetic}. */
  boolean supports(Operation operation, Arithmetic arithmetic);

  /** Opens a pool whose memory is given back when it is closed. */
  Pool<M> pool();

  /** Size of {@code memory} in bytes. */
  long bytes(M memory);

  /**
   * A part of {@code memory}.
   *
   * @throws IndexOutOfBoundsException if it is not wholly inside
   */
  M slice(M memory, long at, long bytes);

  /**
   * Copies from the host. {@code from} may be reused at once.
   *
   * @throws IllegalArgumentException if the sizes differ
   */
  void upload(MemorySegment from, M to);

  /**
   * Waits for what was asked before and copies to the host.
   *
   * @throws IllegalArgumentException if the sizes differ
   */
  void download(M from, MemorySegment to);

  /**
   * Copies real numbers from the host, rounded to what the device computes with: to float32 where
   * it says nothing else.
   *
   * @param to as many float32
   * @throws IllegalArgumentException if the sizes differ
   */
  default void uploadReals(double[] from, M to) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment rounded = arena.allocate((long) from.length * Float.BYTES, Float.BYTES);
      for (int i = 0; i < from.length; i++) {
        rounded.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) from[i]);
      }
      upload(rounded, to);
    }
  }

  /**
   * Waits for what was asked before and copies numbers to the host, as precise as the device has
   * them.
   *
   * @param from float32, or what stands for them
   */
  default double[] downloadReals(M from) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment numbers = arena.allocate(bytes(from), Float.BYTES);
      download(from, numbers);
      double[] reals = new double[Math.toIntExact(bytes(from) / Float.BYTES)];
      for (int i = 0; i < reals.length; i++) {
        reals[i] = numbers.getAtIndex(ValueLayout.JAVA_FLOAT, i);
      }
      return reals;
    }
  }

  /**
   * Copies inside the device.
   *
   * @throws IllegalArgumentException if the sizes differ
   */
  void copy(M from, M to);

  /**
   * Runs one operation. Operands that are written must not overlap others.
   *
   * @param operands one for each of {@link Operation#operands}, of exactly those sizes
   * @throws IllegalArgumentException if number or sizes differ
   * @throws UnsupportedOperationException if {@link #supports} is false: nothing runs in its place
   */
  void run(Operation operation, Arithmetic arithmetic, List<M> operands);

  /** {@link #run} in canonical arithmetic. */
  default void run(Operation operation, List<M> operands) {
    run(operation, Arithmetic.CANONICAL, operands);
  }

  /**
   * Records the operations and copies that {@code work} asks for, without doing them, to be done as
   * often as wanted: a GPU is then given all of them at once. Empty, and {@code work} is not run,
   * on a device that gains nothing by it.
   *
   * @throws IllegalStateException if {@code work} uploads, downloads, waits, records or replays
   */
  default Optional<Replay> record(Runnable work) {
    return Optional.empty();
  }

  /** Waits until everything is done. */
  void synchronise();

  /**
   * How long this device takes for what {@code work} asks of it, in nanoseconds: by events of a
   * GPU, by the clock on the CPU. Waits for the end.
   */
  double nanoseconds(Runnable work);

  /** The finest difference that {@link #nanoseconds} can show. */
  double timerResolution();

  /** How fast the device is running; empty where that cannot be read. */
  default Optional<Clock> clock() {
    return Optional.empty();
  }

  /**
   * A reading of the device's clock.
   *
   * @param megahertz its frequency
   * @param throttled whether something holds it back: heat, power
   */
  record Clock(double megahertz, boolean throttled) {}

  @Override
  void close();

  /**
   * What every device checks before it runs anything.
   *
   * @throws IllegalArgumentException if number or sizes of the operands differ
   * @throws UnsupportedOperationException if there is no kernel
   */
  default void requireRunnable(Operation operation, Arithmetic arithmetic, List<M> operands) {
    if (!supports(operation, arithmetic)) {
      throw new UnsupportedOperationException(
          "%s has no %s kernel for %s %s"
              .formatted(name(), arithmetic, operation.family().id(), operation.shape()));
    }
    List<Operand> expected = operation.operands();
    if (operands.size() != expected.size()) {
      throw new IllegalArgumentException(
          "%s takes %d operands, got %d"
              .formatted(operation.family().id(), expected.size(), operands.size()));
    }
    for (int i = 0; i < expected.size(); i++) {
      long bytes = bytes(operands.get(i));
      if (bytes != expected.get(i).bytes()) {
        throw new IllegalArgumentException(
            "%s %s: operand %s has %d bytes, needs %d"
                .formatted(
                    operation.family().id(),
                    operation.shape(),
                    expected.get(i).name(),
                    bytes,
                    expected.get(i).bytes()));
      }
    }
  }
}
