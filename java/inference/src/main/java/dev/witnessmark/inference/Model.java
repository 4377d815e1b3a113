package dev.witnessmark.inference;

import dev.witnessmark.format.ByteOrderSwap;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.model.IdentifiedTensor;
import dev.witnessmark.model.ModelDescription;
import dev.witnessmark.model.Role;
import dev.witnessmark.model.transformer.Hyperparameters;
import dev.witnessmark.model.transformer.RotaryPlan;
import dev.witnessmark.model.transformer.RotaryScaling;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A checkpoint whose forward pass is known.
 *
 * @param checkpoint the files; whoever opened them closes them
 * @param hyperparameters its sizes
 * @param weights where its weights are
 */
public record Model(Checkpoint checkpoint, Hyperparameters hyperparameters, Weights weights) {

  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /**
   * Looks up everything that the forward pass needs.
   *
   * @throws Refusal if the architecture is not known, or a weight is missing, has another shape or
   *     is not used
   */
  public static Model of(Checkpoint checkpoint) throws IOException {
    ModelDescription description = ModelDescription.of(checkpoint);
    Hyperparameters sizes = Hyperparameters.of(checkpoint, description);
    Weights weights = WeightLookup.find(checkpoint.path().toString(), sizes, description);
    for (IdentifiedTensor tensor : description.tensors()) {
      if (tensor.identity().role() == Role.ROTARY_FACTORS) {
        sizes = sizes.with(stored(checkpoint, sizes.rotary(), tensor.view()));
      }
    }
    return new Model(checkpoint, sizes, weights);
  }

  /** The plan with the divisors that a GGUF file keeps as a tensor. */
  private static RotaryPlan stored(Checkpoint checkpoint, RotaryPlan rotary, TensorView factors)
      throws IOException {
    int pairs = rotary.rotated() / 2;
    if (factors.type() != TensorType.F32) {
      throw new Refusal.Unsupported(
          checkpoint.path().toString(),
          factors.name(),
          factors.offset(),
          "rotary factors are F32, not " + factors.type());
    }
    if (factors.shape().elements() != pairs) {
      throw new Refusal.Inconsistent(
          checkpoint.path().toString(),
          factors.name(),
          factors.offset(),
          "the number of factors",
          factors.shape().elements(),
          pairs);
    }
    List<Double> divisors = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment values = arena.allocate(factors.bytes());
      factors.read(0, values);
      if (factors.order() == ByteOrder.BIG_ENDIAN) {
        ByteOrderSwap.swap(factors.type(), values);
      }
      for (int i = 0; i < pairs; i++) {
        double divisor = values.get(FLOAT, (long) i * Float.BYTES);
        if (!(divisor > 0)) {
          throw new Refusal.Malformed(
              checkpoint.path().toString(),
              factors.name(),
              factors.offset() + (long) i * Float.BYTES,
              divisor + " divides no frequency");
        }
        divisors.add(divisor);
      }
    }
    return new RotaryPlan(
        rotary.interleaved(),
        rotary.rotated(),
        rotary.theta(),
        new RotaryScaling.Factors(divisors));
  }
}
