package dev.witnessmark.cuda;

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
import org.jspecify.annotations.Nullable;

/** Hands operations to one stream, with the scratch memory that they need. Not thread-safe. */
final class Launcher {

  private final Context context;
  private final Stream stream;
  private final int multiprocessors;
  private final Arguments arguments = new Arguments();

  /** Grows to what the largest operation so far needed; the context frees it. */
  private @Nullable DeviceMemory scratch;

  Launcher(Context context, Stream stream) {
    this.context = context;
    this.stream = stream;
    this.multiprocessors = context.device().attribute(DeviceAttribute.MULTIPROCESSORS);
  }

  /** {@code operation} by the steps of {@code plan}, with the kernels that {@code byName} gives. */
  Work work(
      Operation operation,
      Plan plan,
      Function<String, Kernel> byName,
      List<DeviceMemory> operands) {
    return new Work(
        plan.scratchBytes(),
        memory -> {
          for (Plan.Step step : plan.steps()) {
            switch (step) {
              case Plan.Clear clear ->
                  stream.fill(memory(clear.memory(), operands, memory), (byte) 0);
              case Plan.Run run ->
                  launch(operation, run, byName.apply(run.kernel()), operands, memory);
            }
          }
        });
  }

  /** Enqueues {@code work}. */
  void submit(Work work) {
    work.enqueue().accept(scratch(work.scratchBytes()));
  }

  private void launch(
      Operation operation,
      Plan.Run run,
      Kernel kernel,
      List<DeviceMemory> operands,
      DeviceMemory scratchMemory) {
    arguments.clear();
    run.memories().forEach(piece -> arguments.add(memory(piece, operands, scratchMemory)));
    for (Number number : run.numbers()) {
      switch (number) {
        case Integer value -> arguments.add(value.intValue());
        case Long value -> arguments.add(value.longValue());
        case Float value -> arguments.add(value.floatValue());
        default -> throw new IllegalArgumentException(operation + " has " + number.getClass());
      }
    }
    Tuning tuning = Tuning.of(operation.family(), context.device().capability());
    Geometry geometry = run.geometry();
    int threads = tuning.threads().orElse(geometry.threads());
    int x = geometry.x(threads, multiprocessors * tuning.blocksPerMultiprocessor());
    stream.launch(
        new Launch(
            kernel, operation, new Extent(x, geometry.y(), geometry.z()), Extent.of(threads), 0),
        arguments);
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
