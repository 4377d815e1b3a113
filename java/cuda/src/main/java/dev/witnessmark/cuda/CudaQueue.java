package dev.witnessmark.cuda;

import dev.witnessmark.cuda.blas.Blas;
import dev.witnessmark.cuda.driver.DeviceMemory;
import dev.witnessmark.cuda.driver.PinnedArena;
import dev.witnessmark.cuda.driver.Stream;
import dev.witnessmark.kernels.operation.Arithmetic;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.kernels.operation.Pool;
import dev.witnessmark.kernels.operation.WorkQueue;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** A stream of a CUDA device with memory of its own: pinned on the host. */
final class CudaQueue implements WorkQueue<DeviceMemory> {

  private static final long PAGE = 4096;

  private final CudaDevice device;
  private final Stream stream;
  private final Launcher launcher;
  private final PinnedArena pinned;
  private final Pool<DeviceMemory> pool;

  CudaQueue(CudaDevice device) {
    this.device = device;
    this.stream = device.context().stream();
    this.launcher = new Launcher(device.context(), stream, CudaQueue::noBlas);
    this.pinned = device.context().pinnedArena();
    this.pool = device.pool();
  }

  private static Blas noBlas() {
    throw new AssertionError("a canonical operation multiplies by cuBLAS");
  }

  @Override
  public MemorySegment hostMemory(long bytes) {
    return pinned.allocate(bytes, PAGE);
  }

  @Override
  public DeviceMemory deviceMemory(long bytes) {
    return pool.allocate(bytes);
  }

  @Override
  public DeviceMemory slice(DeviceMemory memory, long at, long bytes) {
    return memory.slice(at, bytes);
  }

  @Override
  public void upload(MemorySegment from, DeviceMemory to) {
    stream.uploadAsync(from, to);
  }

  @Override
  public void run(Operation operation, List<DeviceMemory> operands) {
    device.requireRunnable(operation, Arithmetic.CANONICAL, operands);
    launcher.submit(launcher.work(device.prepared(operation, Arithmetic.CANONICAL), operands));
  }

  @Override
  public void download(DeviceMemory from, MemorySegment to) {
    stream.downloadAsync(from, to);
  }

  @Override
  public void await() {
    stream.synchronise();
  }

  /** {@inheritDoc} What the operations used as scratch memory ends with the device. */
  @Override
  public void close() {
    try (pool;
        pinned;
        stream) {
      // In this order: the stream waits first.
    }
  }
}
