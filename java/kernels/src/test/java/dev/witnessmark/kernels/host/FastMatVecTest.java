package dev.witnessmark.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.conformance.Inputs;
import dev.witnessmark.kernels.conformance.Pattern;
import dev.witnessmark.kernels.decode.BlockFormula;
import dev.witnessmark.kernels.operation.Add;
import dev.witnessmark.kernels.operation.Arithmetic;
import dev.witnessmark.kernels.operation.MatVecQ8;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("width")
class FastMatVecTest {

  static Stream<TensorType> types() {
    return MatVecQ8.TYPES.stream().sorted();
  }

  @ParameterizedTest
  @MethodSource("types")
  void resultsAreWithinTheirBudget(TensorType type) {
    int blocks = 21;
    MatVecQ8 o = new MatVecQ8(type, 5, blocks * type.blockElements(), 2);
    for (Pattern pattern : List.of(Pattern.RANDOM, Pattern.CANCELLING, Pattern.TIES)) {
      try (Arena arena = Arena.ofConfined()) {
        List<MemorySegment> operands = Inputs.of(o, pattern, arena);
        HostDevice.best().run(o, Arithmetic.FAST, operands);
        for (int column = 0; column < o.batch(); column++) {
          for (int row = 0; row < o.rows(); row++) {
            Exact exact = Exact.of(o, operands.get(0), row, operands.get(1), column);
            double budget = (blocks + 8) * 0x1p-24 * exact.magnitudes();
            assertThat((double) Values.f32(operands.get(2), (long) column * o.rows() + row))
                .as("%s row %d of column %d", pattern, row, column)
                .isCloseTo(exact.sum(), within(budget));
          }
        }
      }
    }
  }

  @Test
  void onlyFusedProductsAreFast() {
    assertThat(HostDevice.best().supports(new Add(1), Arithmetic.FAST)).isFalse();
    assertThat(
            HostDevice.scalar().supports(new MatVecQ8(TensorType.Q4_K, 1, 256, 1), Arithmetic.FAST))
        .isFalse();
  }

  /**
   * A product in float64.
   *
   * @param magnitudes of its terms, added
   */
  private record Exact(double sum, double magnitudes) {

    static Exact of(
        MatVecQ8 o, MemorySegment weights, int row, MemorySegment activations, int column) {
      BlockFormula formula = new BlockFormula(o.type());
      int elements = o.type().blockElements();
      int blocks = o.columns() / elements;
      double sum = 0;
      double magnitudes = 0;
      for (int i = 0; i < o.columns(); i++) {
        long w = ((long) row * blocks + i / elements) * o.type().blockBytes();
        long x = ((long) column * blocks + i / elements) * o.activationType().blockBytes();
        int e = i % elements;
        boolean wide = o.activationType() == TensorType.Q8_K;
        double scale = wide ? Values.f32At(activations, x) : Values.f16At(activations, x);
        double q = scale * Values.i8At(activations, x + (wide ? Q8K.CODES : Q80.CODES) + e);
        double factor =
            wide
                ? (double) formula.blockScale(weights, w) * formula.scaleCode(weights, w, e)
                : formula.scale(weights, w, e);
        double product = factor * formula.code(weights, w, e) * q;
        sum += product;
        magnitudes += Math.abs(product);
        if (formula.hasOffset()) {
          double offset =
              wide
                  ? -(double) formula.blockMinimum(weights, w) * formula.minimumCode(weights, w, e)
                  : formula.offset(weights, w, e);
          sum += offset * q;
          magnitudes += Math.abs(offset * q);
        }
      }
      return new Exact(sum, magnitudes);
    }
  }
}
