package dev.witnessmark.kernels.host;

import dev.witnessmark.kernels.VectorWidth;
import dev.witnessmark.kernels.operation.Arithmetic;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.kernels.operation.OutOfDeviceMemoryException;
import dev.witnessmark.kernels.operation.Pool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;

/** The CPU as a device: operations run at once, on native memory. */
public final class HostDevice implements Device<MemorySegment> {

  /** Alignment of new memory: that of a GPU's, so that kernels see the same everywhere. */
  private static final long ALIGNMENT = 256;

  private static final int CLOCK_READINGS = 1000;

  private final HostKernels kernels;

  private HostDevice(HostKernels kernels) {
    this.kernels = kernels;
  }

  /** The oracle. */
  public static HostDevice scalar() {
    return new HostDevice(new ScalarKernels());
  }

  /** The fastest one that {@link VectorWidth} allows. */
  public static HostDevice best() {
    return VectorWidth.available() ? new HostDevice(new VectorKernels()) : scalar();
  }

  /** All that can run in this process, the scalar one first. */
  public static List<HostDevice> all() {
    return VectorWidth.available() ? List.of(scalar(), best()) : List.of(scalar());
  }

  @Override
  public String name() {
    return "cpu " + kernels.implementation();
  }

  @Override
  public boolean supports(Operation operation, Arithmetic arithmetic) {
    return kernels.find(operation, arithmetic).isPresent();
  }

  @Override
  public Pool<MemorySegment> pool() {
    return new HostPool(Arena.ofShared());
  }

  @Override
  public long bytes(MemorySegment memory) {
    return memory.byteSize();
  }

  @Override
  public MemorySegment slice(MemorySegment memory, long at, long bytes) {
    return memory.asSlice(at, bytes);
  }

  @Override
  public void upload(MemorySegment from, MemorySegment to) {
    copy(from, to);
  }

  @Override
  public void download(MemorySegment from, MemorySegment to) {
    copy(from, to);
  }

  @Override
  public void copy(MemorySegment from, MemorySegment to) {
    if (from.byteSize() != to.byteSize()) {
      throw new IllegalArgumentException(
          "cannot copy %d bytes to %d".formatted(from.byteSize(), to.byteSize()));
    }
    to.copyFrom(from);
  }

  @Override
  public void run(Operation operation, Arithmetic arithmetic, List<MemorySegment> operands) {
    requireRunnable(operation, arithmetic, operands);
    for (MemorySegment operand : operands) {
      if (!operand.isNative()) {
        throw new IllegalArgumentException("operands must be native memory, got " + operand);
      }
    }
    kernels.find(operation, arithmetic).orElseThrow().run(operands);
  }

  @Override
  public void synchronise() {}

  @Override
  public double nanoseconds(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return System.nanoTime() - start;
  }

  /** The smallest step seen between readings of the clock. */
  @Override
  public double timerResolution() {
    long smallest = Long.MAX_VALUE;
    for (int i = 0; i < CLOCK_READINGS; i++) {
      long first = System.nanoTime();
      long next = System.nanoTime();
      if (next > first) {
        smallest = Math.min(smallest, next - first);
      }
    }
    return smallest;
  }

  @Override
  public void close() {}

  private record HostPool(Arena arena) implements Pool<MemorySegment> {

    @Override
    public MemorySegment allocate(long bytes) {
      Objects.checkIndex(bytes, Long.MAX_VALUE);
      try {
        return arena.allocate(bytes, ALIGNMENT);
      } catch (OutOfMemoryError failure) {
        throw new OutOfDeviceMemoryException(
            "cpu: no %d bytes of native memory are free".formatted(bytes), failure);
      }
    }

    @Override
    public void close() {
      arena.close();
    }
  }
}
