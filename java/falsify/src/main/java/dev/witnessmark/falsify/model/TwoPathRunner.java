package dev.witnessmark.falsify.model;

import dev.witnessmark.inference.StepRunner;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.MatVecF32;
import dev.witnessmark.kernels.operation.MatVecQ8;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.kernels.operation.Pool;
import dev.witnessmark.kernels.operation.QuantiseActivations;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.function.Predicate;

/**
 * Runs a pass whose products are all {@code f32}, with some of them on path {@code q8} instead, and
 * keeps what every layer made, before anything is put in its place.
 *
 * @param <M> memory of the device
 */
final class TwoPathRunner<M> implements StepRunner<M> {

  /** Is shown every product that has an integer form, after it ran. */
  interface Observer<M> {
    void see(StageKey key, MatVecF32 product, M weights, M activations, M results);
  }

  private final Device<M> device;
  private final Predicate<StageKey> fused;
  private final Observer<M> observer;
  private final LayerOutputs outputs;

  TwoPathRunner(Device<M> device, int hidden, Predicate<StageKey> fused, Observer<M> observer) {
    this.device = device;
    this.fused = fused;
    this.observer = observer;
    this.outputs = new LayerOutputs(hidden);
  }

  /** One that only runs. */
  TwoPathRunner(Device<M> device, int hidden, Predicate<StageKey> fused) {
    this(device, hidden, fused, (key, product, weights, activations, results) -> {});
  }

  /** What the layers made. */
  LayerOutputs outputs() {
    return outputs;
  }

  @Override
  public void run(StageKey key, Operation operation, List<M> operands) {
    if (operation instanceof MatVecF32 product && MatVecQ8.TYPES.contains(product.type())) {
      if (fused.test(key)) {
        runFused(product, operands);
      } else {
        device.run(product, operands);
      }
      observer.see(key, product, operands.getFirst(), operands.get(1), operands.getLast());
    } else {
      device.run(operation, operands);
    }
    if (key.stage() == Stage.POST_FFN_RESIDUAL) {
      outputs.add(key.layer(), floats(operands.getLast()));
    }
  }

  private void runFused(MatVecF32 product, List<M> operands) {
    MatVecQ8 integer =
        new MatVecQ8(product.type(), product.rows(), product.columns(), product.batch());
    try (Pool<M> pool = device.pool()) {
      M blocks = pool.allocate(integer.operands().get(1).bytes());
      device.run(
          new QuantiseActivations(integer.activationType(), product.batch(), product.columns()),
          List.of(operands.get(1), blocks));
      device.run(integer, List.of(operands.getFirst(), blocks, operands.getLast()));
    }
  }

  private float[] floats(M memory) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment values = arena.allocate(device.bytes(memory), Float.BYTES);
      device.download(memory, values);
      return values.toArray(ValueLayout.JAVA_FLOAT);
    }
  }
}
