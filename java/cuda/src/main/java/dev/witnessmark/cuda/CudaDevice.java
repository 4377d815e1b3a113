package dev.witnessmark.cuda;

import dev.witnessmark.cuda.blas.Blas;
import dev.witnessmark.cuda.blas.MatrixProduct;
import dev.witnessmark.cuda.driver.Context;
import dev.witnessmark.cuda.driver.DeviceMemory;
import dev.witnessmark.cuda.driver.DriverDevice;
import dev.witnessmark.cuda.driver.DriverException;
import dev.witnessmark.cuda.driver.DriverLibrary;
import dev.witnessmark.cuda.driver.DriverUnavailable;
import dev.witnessmark.cuda.driver.Event;
import dev.witnessmark.cuda.driver.Graph;
import dev.witnessmark.cuda.driver.Kernel;
import dev.witnessmark.cuda.driver.KernelModule;
import dev.witnessmark.cuda.driver.ManagementLibrary;
import dev.witnessmark.cuda.driver.Stream;
import dev.witnessmark.kernels.exact.SumOrder;
import dev.witnessmark.kernels.operation.Arithmetic;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.kernels.operation.Pool;
import dev.witnessmark.kernels.operation.Replay;
import dev.witnessmark.kernels.operation.WorkQueue;
import dev.witnessmark.kernels.operation.WorkQueues;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A CUDA device, real or emulated: one context and one stream, in which operations run in the order
 * in which they are asked for, and further streams for {@linkplain #queue() queues}.
 *
 * <p>It is opened only if it passes {@link SelfCheck}. What cannot run is an exception; nothing
 * ever runs somewhere else instead.
 */
public final class CudaDevice implements Device<DeviceMemory>, WorkQueues<DeviceMemory> {

  private static final double NANOSECONDS_PER_MILLISECOND = 1e6;

  /** The resolution that the driver's documentation gives for events. */
  private static final double EVENT_NANOSECONDS = 500;

  /** Attention is another operation with every position, so that there is no end of them. */
  private static final int MOST_PREPARED = 10_000;

  private static final String MANAGEMENT = "libnvidia-ml.so.1";

  private final String name;
  private final Context context;
  private final Stream stream;
  private final KernelTable kernels;
  private final Blas.Source blasSource;
  private final Event start;
  private final Event end;
  private final Optional<ManagementLibrary> management;
  private final Launcher launcher;

  /** Operations that have run; queues look into it from other threads. */
  private final Map<Asked, Prepared> prepared = new ConcurrentHashMap<>();

  /** Null if there is none, or it was not looked for. */
  private @Nullable Blas blas;

  private boolean blasLookedFor;

  /** What has been asked for since a recording began; null unless there is one. */
  private @Nullable List<Work> recording;

  /** An operation, by the rules that it was asked for. */
  private record Asked(Operation operation, Arithmetic arithmetic) {}

  private CudaDevice(String name, Context context, KernelImages images, Blas.Source blasSource) {
    this.blasSource = blasSource;
    this.name = name;
    this.context = context;
    this.stream = context.stream();
    this.kernels = new KernelTable(context, images);
    this.start = context.event();
    this.end = context.event();
    this.management = ManagementLibrary.open(MANAGEMENT, context.device());
    this.launcher = new Launcher(context, stream, () -> blas().orElseThrow());
  }

  /**
   * The device with number {@code ordinal} of the installed driver, with the kernels of this build.
   *
   * @throws DriverUnavailable if there is none, or it fails its self-check, with the reason
   */
  public static CudaDevice installed(int ordinal) throws DriverUnavailable {
    DriverDevice device = DriverLibrary.installed().device(ordinal);
    return open(
        "cuda:%d %s".formatted(ordinal, device.name()),
        device,
        KernelImages.bundled(),
        Blas::installed);
  }

  /**
   * The emulated device.
   *
   * @param folder with {@code libcuda.so.1} and {@code FILE.so} for each file of kernels, and
   *     perhaps a cuBLAS that can work with it
   * @throws DriverUnavailable if it is not there, or it fails its self-check, with the reason
   */
  public static CudaDevice emulated(Path folder) throws DriverUnavailable {
    DriverDevice device = DriverLibrary.at(folder.resolve("libcuda.so.1")).device(0);
    return open(
        "emulated", device, KernelImages.emulated(folder), context -> Blas.in(folder, context));
  }

  /** Opens a device with kernels from anywhere, if it passes its self-check. */
  static CudaDevice open(
      String name, DriverDevice driverDevice, KernelImages images, Blas.Source blasSource)
      throws DriverUnavailable {
    try {
      Context context = Context.open(driverDevice);
      boolean usable = false;
      try {
        CudaDevice device = new CudaDevice(name, context, images, blasSource);
        SelfCheck.require(device);
        usable = true;
        return device;
      } finally {
        if (!usable) {
          context.close();
        }
      }
    } catch (DriverException failure) {
      throw new DriverUnavailable(
          "%s failed its self-check: %s".formatted(name, failure.getMessage()), failure);
    }
  }

  @Override
  public String name() {
    return name;
  }

  /** What the driver says of the device: name, UUID, architecture, version of the driver. */
  public DriverDevice driverDevice() {
    return context.device();
  }

  /** Where the kernels come from, for the run record. */
  public KernelImages images() {
    return kernels.images();
  }

  /**
   * The context, for what does not go through operations: streams, events and copies of one's own.
   */
  public Context context() {
    return context;
  }

  /**
   * This device, with operations of kernel {@code kernelName} run by a kernel of the user's own. It
   * takes the same arguments, in one launch, and must be right for any grid of blocks of the
   * threads that ours has. Memory is that of this device, and work of both is done in the order in
   * which it is asked for, so that some calls can be made on one and some on the other. Closing it
   * unloads the kernel only.
   *
   * @param kernelName as {@link Operation#kernelName} has it
   * @param image a fatbin, cubin or PTX; on the emulated device a library of host code
   * @param symbol name of the kernel in {@code image}
   * @throws DriverException if the image cannot be loaded or does not hold the kernel
   */
  public Device<DeviceMemory> withOwn(String kernelName, byte[] image, String symbol) {
    KernelModule module = context.load(symbol, MemorySegment.ofArray(image));
    try {
      return new OwnKernelDevice(this, kernelName, module, module.kernel(symbol));
    } catch (DriverException absent) {
      module.close();
      throw absent;
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Fast is the f32 product, by cuBLAS where that is installed: with batches of 16 and more on
   * tensor cores, decoded weights and activations rounded to bfloat16 ({@link SumOrder#BFLOAT16}
   * has the budget), with smaller ones in float32, if the weights are that already.
   */
  @Override
  public boolean supports(Operation operation, Arithmetic arithmetic) {
    return prepared.containsKey(new Asked(operation, arithmetic))
        || Plan.of(operation, arithmetic).filter(this::canRun).isPresent();
  }

  private boolean canRun(Plan plan) {
    return plan.steps().stream()
        .allMatch(step ->
            switch (step) {
              case Plan.Clear _ -> true;
              case Plan.Run run -> kernels.find(run.file(), run.kernel()).isPresent();
              case Plan.Multiply _ -> blas().isPresent();
            });
  }

  /**
   * The bare product of cuBLAS, with matrices of {@code extent} rows and columns, a multiple of 4;
   * empty where there is no cuBLAS.
   */
  public Optional<VendorProduct> vendorProduct(int extent) {
    return blas().map(library -> new VendorProduct(this, extent));
  }

  /** Asks for {@code product}, of operands that {@link Blas#multiply} describes. */
  void multiply(
      MatrixProduct product, DeviceMemory weights, DeviceMemory input, DeviceMemory output) {
    Blas library = blas().orElseThrow();
    submit(new Work(0, scratch -> library.multiply(stream, product, weights, input, output)));
  }

  /** cuBLAS, looked for when first asked for. */
  private Optional<Blas> blas() {
    if (!blasLookedFor) {
      blasLookedFor = true;
      try {
        blas = blasSource.open(context);
      } catch (DriverUnavailable absent) {
        // supports() says so.
        return Optional.empty();
      }
    }
    return Optional.ofNullable(blas);
  }

  @Override
  public WorkQueue<DeviceMemory> queue() {
    return new CudaQueue(this);
  }

  @Override
  public Pool<DeviceMemory> pool() {
    return new CudaPool(context);
  }

  @Override
  public long bytes(DeviceMemory memory) {
    return memory.bytes();
  }

  @Override
  public DeviceMemory slice(DeviceMemory memory, long at, long bytes) {
    return memory.slice(at, bytes);
  }

  @Override
  public void upload(MemorySegment from, DeviceMemory to) {
    requireNotRecording("an upload");
    stream.upload(from, to);
  }

  @Override
  public void download(DeviceMemory from, MemorySegment to) {
    requireNotRecording("a download");
    stream.download(from, to);
  }

  @Override
  public void copy(DeviceMemory from, DeviceMemory to) {
    submit(new Work(0, scratch -> stream.copyAsync(from, to)));
  }

  @Override
  public void run(Operation operation, Arithmetic arithmetic, List<DeviceMemory> operands) {
    requireRunnable(operation, arithmetic, operands);
    run(prepared(operation, arithmetic), operands);
  }

  /** What runs {@code operation}, which is supported; any thread may ask for it. */
  Prepared prepared(Operation operation, Arithmetic arithmetic) {
    Asked asked = new Asked(operation, arithmetic);
    Prepared known = prepared.get(asked);
    if (known != null) {
      return known;
    }
    if (prepared.size() == MOST_PREPARED) {
      prepared.clear();
    }
    Prepared made =
        launcher.prepare(operation, Plan.of(operation, arithmetic).orElseThrow(), this::kernel);
    prepared.put(asked, made);
    return made;
  }

  /** Our kernel for a launch of something that is supported. */
  Kernel kernel(Plan.Run run) {
    return kernels.find(run.file(), run.kernel()).orElseThrow();
  }

  /** Looks up what {@code plan} takes, its kernels by {@code kernelOf}. */
  Prepared prepare(Operation operation, Plan plan, Function<Plan.Run, Kernel> kernelOf) {
    return launcher.prepare(operation, plan, kernelOf);
  }

  /** Runs the steps of {@code prepared}. */
  void run(Prepared prepared, List<DeviceMemory> operands) {
    submit(launcher.work(prepared, operands));
  }

  private void submit(Work work) {
    if (recording == null) {
      launcher.submit(work);
    } else {
      recording.add(work);
    }
  }

  @Override
  public Optional<Replay> record(Runnable work) {
    requireNotRecording("a second recording");
    List<Work> recorded = new ArrayList<>();
    recording = recorded;
    try {
      work.run();
    } finally {
      recording = null;
    }
    // During the capture itself nothing may be allocated or loaded.
    long bytes = recorded.stream().mapToLong(Work::scratchBytes).max().orElse(0);
    DeviceMemory own = context.allocate(Math.max(1, bytes));
    boolean captured = false;
    try {
      Graph graph =
          stream.capture(
              recorded.size() + " pieces of work",
              () -> recorded.forEach(piece -> piece.enqueue().accept(own)));
      captured = true;
      return Optional.of(new CudaReplay(this, graph, own));
    } finally {
      if (!captured) {
        own.close();
      }
    }
  }

  /** Enqueues what was recorded before. */
  void launch(Graph graph) {
    requireNotRecording("a replay");
    stream.launch(graph);
  }

  private void requireNotRecording(String what) {
    if (recording != null) {
      throw new IllegalStateException(what + " is not possible while " + name + " records");
    }
  }

  @Override
  public void synchronise() {
    requireNotRecording("waiting");
    stream.synchronise();
  }

  @Override
  public double nanoseconds(Runnable work) {
    requireNotRecording("taking the time");
    stream.record(start);
    work.run();
    stream.record(end);
    end.synchronise();
    return end.millisecondsSince(start) * NANOSECONDS_PER_MILLISECOND;
  }

  @Override
  public double timerResolution() {
    return EVENT_NANOSECONDS;
  }

  /** Read by NVIDIA's management library, where that knows the device. */
  @Override
  public Optional<Clock> clock() {
    return management
        .flatMap(ManagementLibrary::read)
        .map(reading -> new Clock(reading.megahertz(), reading.throttled()));
  }

  @Override
  public void close() {
    // Needs the context, unlike what the context itself closes.
    try (context) {
      if (blas != null) {
        blas.close();
      }
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
