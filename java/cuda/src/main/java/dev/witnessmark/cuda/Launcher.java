package dev.witnessmark.cuda;

import dev.witnessmark.cuda.blas.Blas;
import dev.witnessmark.cuda.driver.Arguments;
import dev.witnessmark.cuda.driver.Context;
import dev.witnessmark.cuda.driver.DeviceAttribute;
import dev.witnessmark.cuda.driver.DeviceMemory;
import dev.witnessmark.cuda.driver.Extent;
import dev.witnessmark.cuda.driver.Kernel;
import dev.witnessmark.cuda.driver.Launch;
import dev.witnessmark.cuda.driver.Stream;
import dev.witnessmark.kernels.operation.Operation;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Hands operations to one stream, with the scratch memory that they need. Not thread-safe. */
final class Launcher {

  private final Context context;
  private final Stream stream;
  private final Supplier<Blas> blas;
  private final int multiprocessors;
  private final Arguments arguments = new Arguments();

  /** Grows to what the largest operation so far needed; the context frees it. */
  private @Nullable DeviceMemory scratch;

  /**
   * For {@code stream}.
   *
   * @param blas asked for with the first step that multiplies by it
   */
  Launcher(Context context, Stream stream, Supplier<Blas> blas) {
    this.context = context;
    this.stream = stream;
    this.blas = blas;
    this.multiprocessors = context.device().attribute(DeviceAttribute.MULTIPROCESSORS);
  }

  /** Looks up what {@code plan} takes, its kernels by {@code kernelOf}. */
  Prepared prepare(Operation operation, Plan plan, Function<Plan.Run, Kernel> kernelOf) {
    return new Prepared(
        plan.steps().stream()
            .<Prepared.Step>map(step ->
                switch (step) {
                  case Plan.Clear clear -> new Prepared.Clear(clear.memory());
                  case Plan.Run run ->
                      new Prepared.Run(
                          launch(operation, run, kernelOf.apply(run)),
                          run.memories(),
                          run.numbers());
                  case Plan.Multiply multiply ->
                      new Prepared.Multiply(
                          multiply.product(),
                          multiply.weights(),
                          multiply.activations(),
                          multiply.results());
                })
            .toList(),
        plan.scratchBytes());
  }

  private Launch launch(Operation operation, Plan.Run run, Kernel kernel) {
    Tuning tuning = Tuning.of(run.file(), context.device().capability());
    Geometry geometry = run.geometry();
    int threads = tuning.threads().orElse(geometry.threads());
    int x = geometry.x(threads, multiprocessors * tuning.blocksPerMultiprocessor());
    return new Launch(
        kernel,
        operation,
        new Extent(x, geometry.y(), geometry.z()),
        Extent.of(threads),
        run.sharedBytes());
  }

  /** The steps of {@code prepared} on {@code operands}. */
  Work work(Prepared prepared, List<DeviceMemory> operands) {
    return new Work(
        prepared.scratchBytes(),
        memory -> {
          for (Prepared.Step step : prepared.steps()) {
            switch (step) {
              case Prepared.Clear clear ->
                  stream.fill(memory(clear.memory(), operands, memory), (byte) 0);
              case Prepared.Run run -> launch(run, operands, memory);
              case Prepared.Multiply multiply ->
                  blas.get()
                      .multiply(
                          stream,
                          multiply.product(),
                          memory(multiply.weights(), operands, memory),
                          memory(multiply.activations(), operands, memory),
                          memory(multiply.results(), operands, memory));
            }
          }
        });
  }

  /** Enqueues {@code work}. */
  void submit(Work work) {
    work.enqueue().accept(scratch(work.scratchBytes()));
  }

  private void launch(Prepared.Run run, List<DeviceMemory> operands, DeviceMemory scratchMemory) {
    arguments.clear();
    for (Plan.Piece piece : run.memories()) {
      arguments.add(memory(piece, operands, scratchMemory));
    }
    for (Number number : run.numbers()) {
      switch (number) {
        case Integer value -> arguments.add(value.intValue());
        case Long value -> arguments.add(value.longValue());
        case Float value -> arguments.add(value.floatValue());
        default -> throw new IllegalArgumentException(run + " has " + number.getClass());
      }
    }
    stream.launch(run.launch(), arguments);
  }

  private static DeviceMemory memory(
      Plan.Piece piece, List<DeviceMemory> operands, DeviceMemory scratchMemory) {
    DeviceMemory whole =
        piece.operand() == Plan.Piece.SCRATCH ? scratchMemory : operands.get(piece.operand());
    return whole.slice(piece.at(), piece.bytes());
  }

  /** Scratch memory of at least {@code bytes}. */
  private DeviceMemory scratch(long bytes) {
    DeviceMemory current = scratch;
    if (current != null && current.bytes() >= bytes) {
      return current;
    }
    if (current != null) {
      scratch = null;
      current.close();
    }
    DeviceMemory larger = context.allocate(Math.max(1, bytes));
    scratch = larger;
    return larger;
  }
}
