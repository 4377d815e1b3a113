package dev.witnessmark.explain.algebra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Products have the bits of one fused chain per element, whatever runs them. */
class PanelSumTest {

  private static DenseMatrix random(int rows, int columns, long seed) {
    return new DenseMatrix(
        rows, columns, new SplittableRandom(seed).doubles((long) rows * columns, -1, 1).toArray());
  }

  /** The second is large enough for vector code, and no dimension is a whole number of tiles. */
  @ParameterizedTest
  @CsvSource({"25, 7, 50", "250, 190, 2500"})
  void everyElementIsOneChain(int rows, int columns, int depth) {
    DenseMatrix a = random(depth, rows, 1);
    DenseMatrix b = random(depth, columns, 2);
    DenseMatrix product = a.transposedTimes(b);
    for (int i = 0; i < rows; i += 3) {
      for (int j = 0; j < columns; j += 2) {
        double chain = 0;
        for (int k = 0; k < depth; k++) {
          chain = Math.fma(a.at(k, i), b.at(k, j), chain);
        }
        assertThat(product.at(i, j)).isEqualTo(chain);
      }
    }
    assertThat(a.transposed().times(b).values()).isEqualTo(product.values());
    assertThat(a.transposed().timesTransposed(b.transposed()).values()).isEqualTo(product.values());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 23, 24, 25, 260})
  void aGramMatrixIsSymmetricAndDoesNotDependOnSlices(int order) {
    DenseMatrix panel = random(2000, order, 3);
    PanelSum slices = PanelSum.ofGrams(order);
    slices.add(panel.rows(0, 333));
    slices.add(panel.rows(333, 1667));
    DenseMatrix gram = slices.gram().full();
    assertThat(gram.values()).isEqualTo(panel.transposedTimes(panel).values());
    assertThat(gram.transposed().values()).isEqualTo(gram.values());
    assertThat(SymmetricMatrix.gramOfRows(panel.transposed()).full().values())
        .isEqualTo(gram.values());
  }

  @ParameterizedTest
  @CsvSource({"4, 5, 6", "5, 3, 5"})
  void panelsOfOtherShapesAreAnError(int depth, int rows, int columns) {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(
            () -> PanelSum.ofProducts(3, 5).add(random(depth, rows, 1), random(4, columns, 2)));
  }
}
