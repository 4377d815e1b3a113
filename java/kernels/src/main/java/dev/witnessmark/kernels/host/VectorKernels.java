package dev.witnessmark.kernels.host;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.VectorWidth;
import dev.witnessmark.kernels.operation.Arithmetic;
import dev.witnessmark.kernels.operation.MatVecQ8;
import dev.witnessmark.kernels.operation.Operation;
import java.util.Optional;

/** Every operation on the Vector API, with the bits of {@link ScalarKernels}. */
final class VectorKernels implements HostKernels {

  private final ScalarKernels scalar = new ScalarKernels();
  private final VectorMatVecQ8 matVecQ8 = new VectorMatVecQ8();

  @Override
  public String implementation() {
    return "vector-" + VectorWidth.bits();
  }

  @Override
  public Optional<HostKernel> find(Operation operation, Arithmetic arithmetic) {
    return arithmetic == Arithmetic.CANONICAL ? Optional.of(kernel(operation)) : Optional.empty();
  }

  private HostKernel kernel(Operation operation) {
    return switch (operation) {
      case MatVecQ8 o when o.type() == TensorType.Q4_K ->
          m -> matVecQ8.run(new Q4kFormat(), o, m.get(0), m.get(1), m.get(2));
      default -> scalar.find(operation, Arithmetic.CANONICAL).orElseThrow();
    };
  }
}
