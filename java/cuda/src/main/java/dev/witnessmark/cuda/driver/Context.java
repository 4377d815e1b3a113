package dev.witnessmark.cuda.driver;

import java.lang.foreign.MemorySegment;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import jcuda.driver.CUcontext;
import jcuda.driver.CUgraph;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/**
 * The primary context of a device, which the vendor's libraries share, and owner of everything made
 * in it. Any thread may use it: each call makes it current for its thread first. Closing waits for
 * the work of all streams, closes what is still open, newest first, and gives the context back.
 *
 * <p>After an error that ends the context (an illegal address, a failed launch) nothing in it works
 * any more: every later call fails with that error as its cause, and closing is quiet. On a GPU
 * nothing works in later contexts of the process either.
 */
public final class Context implements AutoCloseable {

  /** Errors after which the driver answers every call of the context with the same error. */
  private static final Set<Integer> ENDING =
      Set.of(
          CUresult.CUDA_ERROR_ECC_UNCORRECTABLE,
          CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
          CUresult.CUDA_ERROR_LAUNCH_TIMEOUT,
          CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED,
          CUresult.CUDA_ERROR_ASSERT,
          CUresult.CUDA_ERROR_HARDWARE_STACK_ERROR,
          CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION,
          CUresult.CUDA_ERROR_MISALIGNED_ADDRESS,
          CUresult.CUDA_ERROR_INVALID_ADDRESS_SPACE,
          CUresult.CUDA_ERROR_INVALID_PC,
          CUresult.CUDA_ERROR_LAUNCH_FAILED);

  private final DriverDevice device;
  private final CUcontext handle;
  private final AtomicReference<@Nullable DriverException> loss = new AtomicReference<>();
  private final PinnedBlocks pinnedBlocks = new PinnedBlocks();

  /** In the order in which they were made; guarded by itself, like {@link #closed}. */
  private final LinkedHashSet<Resource> open = new LinkedHashSet<>();

  private volatile boolean closed;

  private Context(DriverDevice device, CUcontext handle) {
    this.device = device;
    this.handle = handle;
  }

  /** Retains the primary context of {@code device}. */
  public static Context open(DriverDevice device) {
    CUcontext handle = new CUcontext();
    int status = JCudaDriver.cuDevicePrimaryCtxRetain(handle, device.handle());
    if (status != CUresult.CUDA_SUCCESS) {
      throw DriverException.of("cuDevicePrimaryCtxRetain", status, "primary context", device);
    }
    return new Context(device, handle);
  }

  public DriverDevice device() {
    return device;
  }

  /** A new stream. It waits for no other one unless told to. */
  public Stream stream() {
    return create("cuStreamCreate", Stream::create);
  }

  /** A new event, which can be timed. */
  public Event event() {
    return create("cuEventCreate", Event::create);
  }

  /**
   * New device memory, of arbitrary content.
   *
   * @throws IllegalArgumentException if {@code bytes} is not positive
   */
  public DeviceMemory allocate(long bytes) {
    return create("cuMemAlloc", context -> DeviceAllocation.create(context, bytes)).whole();
  }

  /** A new arena of host memory that the device reads and writes by itself. */
  public PinnedArena pinnedArena() {
    return create("cuMemHostAlloc", PinnedArena::new);
  }

  /**
   * Loads compiled kernels.
   *
   * @param name what messages call them
   * @param image a fatbin, cubin or PTX text that ends with a zero, in any memory
   */
  public KernelModule load(String name, MemorySegment image) {
    return create("cuModuleLoadDataEx", context -> KernelModule.create(context, name, image));
  }

  /** Device memory that is not in use by anyone, in bytes. */
  public long freeBytes() {
    enter("cuMemGetInfo");
    long[] free = new long[1];
    check("cuMemGetInfo", JCudaDriver.cuMemGetInfo(free, new long[1]), "free memory");
    return free[0];
  }

  /** Ends a capture: makes what was recorded ready for launching. */
  Graph instantiate(String name, CUgraph recorded, List<StreamUsed> uses) {
    return create(
        "cuGraphInstantiate", context -> Graph.instantiate(context, name, recorded, uses));
  }

  private <R extends Resource> R create(String call, Function<Context, R> factory) {
    enter(call);
    R made = factory.apply(this);
    synchronized (open) {
      if (!closed) {
        open.add(made);
        return made;
      }
    }
    made.close();
    throw new IllegalStateException(this + " is closed");
  }

  /** Before each call: the context works and is current for this thread. */
  void enter(String call) {
    if (closed) {
      throw new IllegalStateException(this + " is closed");
    }
    DriverException lost = loss.get();
    if (lost != null) {
      throw DriverException.afterLoss(call, lost);
    }
    makeCurrent();
  }

  /** Makes this the context of the calling thread, for libraries that ask the driver for it. */
  public void makeCurrent() {
    checkUnlessLost("cuCtxSetCurrent", JCudaDriver.cuCtxSetCurrent(handle), "context");
  }

  /** Turns every status but success into an exception. */
  void check(String call, int status, Object subject) {
    if (status == CUresult.CUDA_SUCCESS) {
      return;
    }
    DriverException failure = DriverException.of(call, status, subject, device);
    if (isEnding(status)) {
      loss.compareAndSet(null, failure);
    }
    throw failure;
  }

  /** For calls that give something back: what is lost with the context is no further failure. */
  void checkUnlessLost(String call, int status, Object subject) {
    if (loss.get() == null) {
      check(call, status, subject);
    }
  }

  static boolean isEnding(int status) {
    return ENDING.contains(status);
  }

  boolean isLost() {
    return loss.get() != null;
  }

  PinnedBlocks pinnedBlocks() {
    return pinnedBlocks;
  }

  void forget(Resource resource) {
    synchronized (open) {
      open.remove(resource);
    }
  }

  /** What was made in this context and is not closed yet, oldest first. */
  List<Resource> open() {
    synchronized (open) {
      return List.copyOf(open);
    }
  }

  /**
   * Closes all that is open in this context, and the context.
   *
   * @throws DriverException the first failure; the later ones are suppressed in it
   */
  @Override
  public void close() {
    List<Resource> remaining;
    synchronized (open) {
      if (closed) {
        return;
      }
      closed = true;
      remaining = List.copyOf(open.reversed());
    }
    @Nullable RuntimeException failure = null;
    for (Resource resource : remaining) {
      failure = attempt(resource::close, failure);
    }
    failure =
        attempt(
            () ->
                checkUnlessLost(
                    "cuDevicePrimaryCtxRelease",
                    JCudaDriver.cuDevicePrimaryCtxRelease(device.handle()),
                    "primary context"),
            failure);
    if (failure != null) {
      throw failure;
    }
  }

  private static @Nullable RuntimeException attempt(
      Runnable step, @Nullable RuntimeException earlier) {
    try {
      step.run();
      return earlier;
    } catch (RuntimeException failure) {
      if (earlier == null) {
        return failure;
      }
      earlier.addSuppressed(failure);
      return earlier;
    }
  }

  @Override
  public String toString() {
    return "context of " + device;
  }
}
