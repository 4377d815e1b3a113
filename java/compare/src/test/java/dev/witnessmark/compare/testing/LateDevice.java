package dev.witnessmark.compare.testing;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.kernels.operation.Arithmetic;
import dev.witnessmark.kernels.operation.Dequantise;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.kernels.operation.WorkQueue;
import dev.witnessmark.kernels.operation.WorkQueues;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A device that does nothing before something waits for it: what was overwritten meanwhile, or is
 * read too early, shows. Its memory is that of the host, and begins as garbage. Its NaNs are not
 * those of the host.
 */
public final class LateDevice implements WorkQueues<MemorySegment> {

  private static final byte GARBAGE = (byte) 0xff;
  private static final int NAN_OF_A_GPU = 0x7fffffff;

  private final HostDevice device = HostDevice.scalar();
  private final Queue<Operation> operations = new ConcurrentLinkedQueue<>();

  /** All operations done so far, by any queue. */
  public List<Operation> operations() {
    return List.copyOf(operations);
  }

  @Override
  public String name() {
    return "late " + device.name();
  }

  @Override
  public boolean supports(Operation operation, Arithmetic arithmetic) {
    return device.supports(operation, arithmetic);
  }

  @Override
  public WorkQueue<MemorySegment> queue() {
    return new LateQueue();
  }

  private final class LateQueue implements WorkQueue<MemorySegment> {

    private final Arena arena = Arena.ofShared();
    private final List<Runnable> asked = new ArrayList<>();

    @Override
    public MemorySegment hostMemory(long bytes) {
      return arena.allocate(bytes, 4096).fill(GARBAGE);
    }

    @Override
    public MemorySegment deviceMemory(long bytes) {
      return arena.allocate(bytes, 256).fill(GARBAGE);
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

    private void copy(MemorySegment from, MemorySegment to) {
      if (from.byteSize() != to.byteSize()) {
        throw new IllegalArgumentException(from.byteSize() + " to " + to.byteSize());
      }
      asked.add(() -> to.copyFrom(from));
    }

    @Override
    public void run(Operation operation, List<MemorySegment> operands) {
      for (MemorySegment operand : operands) {
        if (operand.address() % 16 != 0) {
          throw new IllegalArgumentException(operation + " at " + operand);
        }
      }
      asked.add(() -> {
        operations.add(operation);
        device.run(operation, operands);
        if (operation instanceof Dequantise decoding && decoding.type() != TensorType.BF16) {
          loseNaNs(operands.getLast());
        }
      });
    }

    /** As a GPU does: what a NaN was made of does not show. */
    private static void loseNaNs(MemorySegment values) {
      for (long at = 0; at < values.byteSize(); at += Float.BYTES) {
        if (Float.isNaN(values.get(ValueLayout.JAVA_FLOAT, at))) {
          values.set(ValueLayout.JAVA_INT, at, NAN_OF_A_GPU);
        }
      }
    }

    @Override
    public void await() {
      asked.forEach(Runnable::run);
      asked.clear();
    }

    @Override
    public void close() {
      arena.close();
    }
  }
}
