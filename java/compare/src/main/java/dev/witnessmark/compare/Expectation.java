package dev.witnessmark.compare;

import dev.witnessmark.model.TensorIdentity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How close B is to A plus an adapter's update.
 *
 * @param adapter the adapter as the user wrote it
 * @param tensors one entry per tensor that the adapter changes
 */
public record Expectation(String adapter, List<ExpectedTensor> tensors) {

  public Expectation {
    tensors = List.copyOf(tensors);
  }

  /**
   * One tensor with update U = scale · B · A.
   *
   * @param name the tensor in A
   * @param identity what it is
   * @param values number of values
   * @param rank rank of the update
   * @param updateNorm ‖U‖
   * @param updateRelative ‖U‖ / ‖A‖; null if A is zero
   * @param residual ‖(B − A) − U‖ / ‖U‖: 0 is a perfect merge, 1 a merge that never happened; null
   *     if U is zero
   * @param alignment cosine of B − A with U; null if one is zero
   * @param lost values whose update storage did not keep: U ≠ 0, and B = A if both are stored the
   *     same unquantised way, else |U| is below half a step or half an ulp of B
   * @param lostShare {@code lost} by the number of values with U ≠ 0
   * @param lostEnergy share of ‖U‖² in those values
   * @param beyond values of B further from A + U than rounding to B's storage explains; null if no
   *     bound is known for its type
   * @param used largest |B − (A + U)| by what rounding explains; null as above
   */
  public record ExpectedTensor(
      String name,
      TensorIdentity identity,
      long values,
      int rank,
      double updateNorm,
      @Nullable Double updateRelative,
      @Nullable Double residual,
      @Nullable Double alignment,
      long lost,
      double lostShare,
      double lostEnergy,
      @Nullable Long beyond,
      @Nullable Double used) {

    /** True if rounding alone separates B from A plus the update. */
    public boolean met() {
      return beyond != null && beyond == 0;
    }
  }
}
