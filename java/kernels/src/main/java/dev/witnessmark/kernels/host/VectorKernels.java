package dev.witnessmark.kernels.host;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.VectorWidth;
import dev.witnessmark.kernels.operation.Arithmetic;
import dev.witnessmark.kernels.operation.MatVecQ8;
import dev.witnessmark.kernels.operation.Operation;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** Every operation on the Vector API, with the bits of {@link ScalarKernels}. */
final class VectorKernels implements HostKernels {

  private final ScalarKernels scalar = new ScalarKernels();
  private final Map<TensorType, Q8Format> formats = new EnumMap<>(TensorType.class);
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
      case MatVecQ8 o -> {
        Q8Format format = formats.computeIfAbsent(o.type(), VectorKernels::format);
        yield m -> matVecQ8.run(format, o, m.get(0), m.get(1), m.get(2));
      }
      default -> scalar.find(operation, Arithmetic.CANONICAL).orElseThrow();
    };
  }

  private static Q8Format format(TensorType type) {
    return switch (type) {
      case Q4_K -> new Q4kFormat();
      case Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, IQ4_NL -> new SmallBlockFormat(type);
      default -> new SuperBlockFormat(type);
    };
  }
}
