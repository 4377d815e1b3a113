package dev.witnessmark.cuda;

import dev.witnessmark.cuda.blas.MatrixProduct;
import dev.witnessmark.cuda.driver.Launch;
import java.util.List;

/**
 * A plan with everything looked up that does not depend on where the operands are: a forward pass
 * asks for the same few operations again and again.
 *
 * @param steps one after the other
 * @param scratchBytes memory that the steps need besides the operands
 */
record Prepared(List<Step> steps, long scratchBytes) {

  sealed interface Step {}

  /** Sets memory to zero. */
  record Clear(Plan.Piece memory) implements Step {}

  /**
   * A launch.
   *
   * @param memories the pointers that the kernel takes first
   * @param numbers what it takes then
   */
  record Run(Launch launch, List<Plan.Piece> memories, List<Number> numbers) implements Step {}

  /** A product of matrices by cuBLAS. */
  record Multiply(
      MatrixProduct product, Plan.Piece weights, Plan.Piece activations, Plan.Piece results)
      implements Step {}
}
