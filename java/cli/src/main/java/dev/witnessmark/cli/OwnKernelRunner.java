package dev.witnessmark.cli;

import dev.witnessmark.inference.StepRunner;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.verdict.CouldNotCompare;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Runs steps with kernels of the user's own in place of some of ours.
 *
 * @param <M> memory of the device
 */
final class OwnKernelRunner<M> implements StepRunner<M>, AutoCloseable {

  private final Device<M> device;
  private final Map<Place, Device<M>> own = new LinkedHashMap<>();
  private final Set<Place> ran = new HashSet<>();

  private record Place(Stage stage, String kernel) {

    @Override
    public String toString() {
      return stage.id() + "/" + kernel;
    }
  }

  /** With kernels of {@code device} only. */
  OwnKernelRunner(Device<M> device) {
    this.device = device;
  }

  /**
   * Puts a kernel in place of ours.
   *
   * @param kernel ours, where it makes {@code stage}
   * @param with runs the other one for it
   */
  void replace(Stage stage, String kernel, Device<M> with) {
    own.put(new Place(stage, kernel), with);
  }

  @Override
  public void run(StageKey key, Operation operation, List<M> operands) {
    Place place = new Place(key.stage(), operation.kernelName());
    Device<M> replacement = own.get(place);
    if (replacement == null) {
      device.run(operation, operands);
    } else {
      ran.add(place);
      replacement.run(operation, operands);
    }
  }

  /**
   * Says that a kernel was never asked for: nothing is known of it.
   *
   * @throws CouldNotCompare if there is one
   */
  void requireAllRan() throws CouldNotCompare {
    for (Place place : own.keySet()) {
      if (!ran.contains(place)) {
        throw new CouldNotCompare("--kernel: %s was never run".formatted(place));
      }
    }
  }

  @Override
  public void close() {
    own.values().forEach(Device::close);
  }
}
