package dev.witnessmark.cuda.driver;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import jcuda.driver.CUgraph;
import jcuda.driver.CUresult;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/**
 * Work for a device, done in the order in which it is enqueued and independently of other streams.
 * All methods but downloads and those that say they wait only enqueue; memory they refer to is kept
 * until they are done, even if it is closed meanwhile: closing then waits.
 *
 * <p>A failure of enqueued work is reported by a later call, usually {@link #synchronise()}, which
 * names what was enqueued since the last wait. Threads may share a stream; one waits for the other.
 */
public final class Stream extends Resource {

  /** Pieces of work that a failure names. */
  private static final int REMEMBERED = 8;

  private final StreamHandle handle;

  /** Work since the last wait, newest last. */
  private final Deque<Object> unfinished = new ArrayDeque<>();

  private long unfinishedCount;
  private long enqueued;
  private long completed;

  /** Made for the first copy from or to memory that is not pinned. */
  private @Nullable Staging staging;

  /** What the work being captured refers to; null unless there is a capture. */
  private @Nullable Set<StreamUsed> captured;

  private Stream(Context context, StreamHandle handle) {
    super(context);
    this.handle = handle;
  }

  static Stream create(Context context) {
    StreamHandle handle = new StreamHandle();
    // Non-blocking: the legacy stream is never used here, and others should not wait for this.
    context.check(
        "cuStreamCreate",
        JCudaDriver.cuStreamCreate(handle, CUstream_flags.CU_STREAM_NON_BLOCKING),
        "stream");
    return new Stream(context, handle);
  }

  /**
   * Copies {@code host} to {@code device}, in order with the other work of this stream. The host
   * memory may be changed as soon as this returns.
   *
   * @param host any memory, of the Java heap too
   * @throws IllegalArgumentException if the sizes differ or {@code device} belongs to another
   *     context
   */
  public synchronized void upload(MemorySegment host, DeviceMemory device) {
    requireNoCapture("upload");
    requireSameSize(host.byteSize(), device.bytes());
    staging().upload(host, device);
  }

  /**
   * Copies {@code device} to {@code host}, after the work that was enqueued before, and waits.
   *
   * @param host any memory, of the Java heap too
   * @throws IllegalArgumentException if the sizes differ, {@code host} is read-only, or {@code
   *     device} belongs to another context
   */
  public synchronized void download(DeviceMemory device, MemorySegment host) {
    requireNoCapture("download");
    requireSameSize(device.bytes(), host.byteSize());
    staging().download(device, host);
  }

  private Staging staging() {
    requireOpen();
    if (staging == null) {
      staging = Staging.create(this);
    }
    return staging;
  }

  /**
   * Enqueues a copy of {@code pinned} to {@code device}.
   *
   * @param pinned from a {@link PinnedArena} of this context; not to be written before the copy is
   *     done
   * @throws IllegalArgumentException if the sizes differ, {@code pinned} is not such memory, or
   *     {@code device} belongs to another context
   */
  public void uploadAsync(MemorySegment pinned, DeviceMemory device) {
    requireSameSize(pinned.byteSize(), device.bytes());
    PinnedArena arena = context().pinnedBlocks().arenaOf(pinned);
    enqueue(
        "cuMemcpyHtoDAsync",
        new Copy("pinned memory", pinned.byteSize(), device),
        List.of(arena, device.allocation()),
        () ->
            JCudaDriver.cuMemcpyHtoDAsync(
                device.pointer(), new HostPointer(pinned), pinned.byteSize(), handle));
  }

  /**
   * Enqueues a copy of {@code device} to {@code pinned}.
   *
   * @param pinned from a {@link PinnedArena} of this context; of arbitrary content until the copy
   *     is done
   * @throws IllegalArgumentException if the sizes differ, {@code pinned} is not such memory, or
   *     {@code device} belongs to another context
   */
  public void downloadAsync(DeviceMemory device, MemorySegment pinned) {
    requireSameSize(device.bytes(), pinned.byteSize());
    if (pinned.isReadOnly()) {
      throw new IllegalArgumentException(
          "a segment of %d bytes is read-only".formatted(pinned.byteSize()));
    }
    PinnedArena arena = context().pinnedBlocks().arenaOf(pinned);
    enqueue(
        "cuMemcpyDtoHAsync",
        new Copy(device, pinned.byteSize(), "pinned memory"),
        List.of(arena, device.allocation()),
        () ->
            JCudaDriver.cuMemcpyDtoHAsync(
                new HostPointer(pinned), device.pointer(), pinned.byteSize(), handle));
  }

  /**
   * Enqueues a copy within the device.
   *
   * @throws IllegalArgumentException if the sizes differ or one belongs to another context
   */
  public void copyAsync(DeviceMemory source, DeviceMemory target) {
    requireSameSize(source.bytes(), target.bytes());
    if (source.bytes() == 0) {
      return;
    }
    enqueue(
        "cuMemcpyDtoDAsync",
        new Copy(source, source.bytes(), target),
        List.of(source.allocation(), target.allocation()),
        () ->
            JCudaDriver.cuMemcpyDtoDAsync(
                target.pointer(), source.pointer(), source.bytes(), handle));
  }

  /** Enqueues writing {@code value} to every byte of {@code memory}. */
  public void fill(DeviceMemory memory, byte value) {
    enqueue(
        "cuMemsetD8Async",
        new Fill(memory, value),
        List.of(memory.allocation()),
        () -> JCudaDriver.cuMemsetD8Async(memory.pointer(), value, memory.bytes(), handle));
  }

  /**
   * Enqueues {@code launch} with {@code arguments}, which may be changed afterwards.
   *
   * @throws IllegalArgumentException if the kernel takes other arguments, or it or memory among
   *     them belongs to another context
   */
  public void launch(Launch launch, Arguments arguments) {
    Kernel kernel = launch.kernel();
    kernel.requireAccepts(arguments);
    List<StreamUsed> uses = new ArrayList<>(arguments.memories().size() + 1);
    uses.add(kernel.module());
    for (DeviceMemory memory : arguments.memories()) {
      uses.add(memory.allocation());
    }
    enqueue(
        "cuLaunchKernel",
        launch,
        uses,
        () -> {
          kernel.allowSharedBytes(launch.sharedBytes());
          try {
            return JCudaDriver.cuLaunchKernel(
                kernel.handle(),
                launch.grid().x(),
                launch.grid().y(),
                launch.grid().z(),
                launch.block().x(),
                launch.block().y(),
                launch.block().z(),
                launch.sharedBytes(),
                handle,
                arguments.pointer(),
                null);
          } finally {
            Reference.reachabilityFence(arguments);
          }
        });
  }

  /**
   * Enqueues the work of {@code graph}.
   *
   * @throws IllegalStateException if memory or a module that it refers to is closed
   */
  public void launch(Graph graph) {
    requireNoCapture("launch of a graph");
    List<StreamUsed> uses = new ArrayList<>(graph.uses());
    uses.add(graph);
    enqueue("cuGraphLaunch", graph, uses, () -> JCudaDriver.cuGraphLaunch(graph.handle(), handle));
  }

  /**
   * Enqueues work of a library that takes streams and device memory as numbers.
   *
   * @param name what is called, for messages
   * @param memories what it refers to
   * @param call gets this stream; the result is the library's own matter
   */
  public void foreign(String name, List<DeviceMemory> memories, ForeignCall call) {
    enqueue(
        name,
        name,
        memories.stream().<StreamUsed>map(DeviceMemory::allocation).toList(),
        () -> {
          call.enqueue(handle, memories.stream().mapToLong(m -> m.pointer().address()).toArray());
          return CUresult.CUDA_SUCCESS;
        });
  }

  /** Work of a library other than the driver. */
  @FunctionalInterface
  public interface ForeignCall {

    /** Enqueues on {@code stream} what uses the memories at {@code addresses}. */
    void enqueue(StreamHandle stream, long[] addresses);
  }

  /** Enqueues a mark: {@code event} happens when all work before it is done. */
  public void record(Event event) {
    requireNoCapture("an event");
    requireOwn(event);
    enqueue(
        "cuEventRecord", event, List.of(), () -> JCudaDriver.cuEventRecord(event.handle(), handle));
  }

  /** Makes the work that follows wait until {@code event}, recorded in another stream, happened. */
  public void await(Event event) {
    requireNoCapture("an event");
    requireOwn(event);
    enqueue(
        "cuStreamWaitEvent",
        event,
        List.of(),
        () -> JCudaDriver.cuStreamWaitEvent(handle, event.handle(), 0));
  }

  /**
   * Records what {@code work} enqueues on this stream instead of doing it.
   *
   * @throws IllegalStateException if {@code work} waits or uses events
   */
  public synchronized Graph capture(String name, Runnable work) {
    requireNoCapture("a second capture");
    // So that nobody has to wait for this stream, which is not possible during a capture.
    synchronise();
    context()
        .check(
            "cuStreamBeginCapture",
            JCudaDriver.cuStreamBeginCapture(
                handle, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL),
            "graph " + name);
    Set<StreamUsed> uses = new LinkedHashSet<>();
    captured = uses;
    CUgraph recorded = new CUgraph();
    boolean complete = false;
    int status;
    try {
      work.run();
      complete = true;
    } finally {
      captured = null;
      status = JCudaDriver.cuStreamEndCapture(handle, recorded);
      if (!complete && status == CUresult.CUDA_SUCCESS) {
        JCudaDriver.cuGraphDestroy(recorded);
      }
    }
    context().check("cuStreamEndCapture", status, "graph " + name);
    return context().instantiate(name, recorded, List.copyOf(uses));
  }

  /** Waits for all work of this stream. */
  public synchronized void synchronise() {
    requireOpen();
    requireNoCapture("waiting");
    context().enter("cuStreamSynchronize");
    waitForDriver();
  }

  /** Whether all work of this stream is done. */
  public synchronized boolean isIdle() {
    requireOpen();
    requireNoCapture("asking");
    context().enter("cuStreamQuery");
    int status = JCudaDriver.cuStreamQuery(handle);
    if (status == CUresult.CUDA_ERROR_NOT_READY) {
      return false;
    }
    context().check("cuStreamQuery", status, work());
    finished();
    return true;
  }

  /** For what is being closed: waits until piece {@code ticket} of the work is done. */
  synchronized void awaitTicket(long ticket) {
    if (completed < ticket && !context().isLost()) {
      waitForDriver();
    }
  }

  private void waitForDriver() {
    int status = JCudaDriver.cuStreamSynchronize(handle);
    context().check("cuStreamSynchronize", status, work());
    finished();
  }

  private void finished() {
    completed = enqueued;
    unfinished.clear();
    unfinishedCount = 0;
  }

  private String work() {
    String newest =
        unfinished.stream().map(Object::toString).collect(Collectors.joining("; then "));
    return unfinishedCount > REMEMBERED
        ? "work since the last wait, the last %d of %d: %s"
            .formatted(REMEMBERED, unfinishedCount, newest)
        : "work since the last wait: " + newest;
  }

  /** The one way to the driver for all work of this stream. */
  private synchronized void enqueue(
      String call, Object subject, List<? extends StreamUsed> uses, IntSupplier work) {
    requireOpen();
    context().enter(call);
    for (StreamUsed used : uses) {
      requireOwn(used);
    }
    if (captured != null) {
      uses.forEach(StreamUsed::requireOpen);
      captured.addAll(uses);
    } else {
      enqueued++;
      for (StreamUsed used : uses) {
        used.usedBy(this, enqueued);
      }
    }
    int status = work.getAsInt();
    // An error that ends the context may be that of earlier work.
    context().check(call, status, Context.isEnding(status) ? subject + "; " + work() : subject);
    unfinished.addLast(subject);
    unfinishedCount++;
    if (unfinished.size() > REMEMBERED) {
      unfinished.removeFirst();
    }
  }

  private void requireOwn(Resource resource) {
    if (resource.context() != context()) {
      throw new IllegalArgumentException(
          "%s belongs to another context than %s".formatted(resource, this));
    }
  }

  private synchronized void requireNoCapture(String what) {
    if (captured != null) {
      throw new IllegalStateException(
          "%s is not possible while %s captures a graph".formatted(what, this));
    }
  }

  private static void requireSameSize(long source, long target) {
    if (source != target) {
      throw new IllegalArgumentException(
          "cannot copy %d bytes to %d bytes".formatted(source, target));
    }
  }

  private record Copy(Object source, long bytes, Object target) {
    @Override
    public String toString() {
      return "copy of %d bytes from %s to %s".formatted(bytes, source, target);
    }
  }

  private record Fill(DeviceMemory memory, byte value) {
    @Override
    public String toString() {
      return "fill of %s with %d".formatted(memory, value);
    }
  }

  /** Waits for the work of this stream and ends it. */
  @Override
  synchronized void release() {
    try {
      awaitTicket(enqueued);
      if (staging != null) {
        staging.close();
      }
    } finally {
      completed = enqueued;
      context().checkUnlessLost("cuStreamDestroy", JCudaDriver.cuStreamDestroy(handle), this);
    }
  }

  @Override
  public String toString() {
    return "stream on cuda:" + context().device().ordinal();
  }
}
