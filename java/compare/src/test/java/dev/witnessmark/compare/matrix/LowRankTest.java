package dev.witnessmark.compare.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.compare.testing.Numbers;
import dev.witnessmark.compare.testing.TestModel;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Updates against three nested loops. */
class LowRankTest {

  private static final int OUT = 7;
  private static final int IN = 96;

  private static double[] row(LowRank update, int row, int column, int count) {
    double[] values = new double[count];
    update.row(row, column, count, values, new double[count]);
    return values;
  }

  @ParameterizedTest
  @CsvSource({"1, false", "3, false", "16, false", "1, true", "3, true"})
  void entriesAreScaledProductsOfTheFactors(int rank, boolean transposed) throws IOException {
    float[] a = Numbers.normal(rank * IN, 1);
    float[] b = Numbers.normal(OUT * rank, 2);
    double scale = 0.3;
    LowRank update =
        LowRank.read(TestModel.view(a, rank, IN), TestModel.view(b, OUT, rank), scale, transposed);
    int rows = transposed ? IN : OUT;
    int columns = transposed ? OUT : IN;
    assertThat(update.rows()).isEqualTo(rows);
    assertThat(update.columns()).isEqualTo(columns);
    assertThat(update.rank()).isEqualTo(rank);
    for (int i = 0; i < rows; i++) {
      double[] found = row(update, i, 0, columns);
      double[] rounding = new double[columns];
      update.row(i, 0, columns, new double[columns], rounding);
      for (int j = 0; j < columns; j++) {
        int o = transposed ? j : i;
        int n = transposed ? i : j;
        double sum = 0;
        double magnitudes = 0;
        BigDecimal exact = BigDecimal.ZERO;
        for (int k = 0; k < rank; k++) {
          double product = (double) b[o * rank + k] * a[k * IN + n];
          sum += product;
          magnitudes += Math.abs(product);
          exact =
              exact.add(new BigDecimal(b[o * rank + k]).multiply(new BigDecimal(a[k * IN + n])));
        }
        assertThat(found[j]).isEqualTo(sum * scale);
        double error =
            exact.multiply(new BigDecimal(scale)).subtract(new BigDecimal(found[j])).doubleValue();
        assertThat(Math.abs(error)).isLessThanOrEqualTo(magnitudes * scale * (rank + 2) * 0x1p-53);
        assertThat(rounding[j])
            .isBetween(
                magnitudes * scale * (rank + 2) * 0x1p-24,
                magnitudes * scale * (rank + 2) * 0x1p-24 * (1 + 1e-5));
      }
    }
    assertThat(row(update, 3, 2, 3))
        .containsExactly(
            row(update, 3, 0, columns)[2],
            row(update, 3, 0, columns)[3],
            row(update, 3, 0, columns)[4]);
  }

  @ParameterizedTest
  @EnumSource(
      value = TensorType.class,
      names = {"F32", "BF16", "F16", "F64", "Q8_0"})
  void anAdaptedMatrixIsTheSumRoundedOnce(TensorType type) throws IOException {
    Random random = new Random(3);
    byte[] stored =
        type.quantised()
            ? Numbers.randomFinite(type, OUT * IN, random)
            : Numbers.stored(type, random.doubles(OUT * IN).map(x -> x - 0.5).toArray());
    double[] base = Numbers.values(type, stored);
    TensorView view = TestModel.view(type, stored, OUT, IN);
    LowRank update =
        LowRank.read(
            TestModel.view(Numbers.normal(2 * IN, 4), 2, IN),
            TestModel.view(Numbers.normal(OUT * 2, 5), OUT, 2),
            0.01,
            false);
    Matrix adapted = new AdaptedMatrix(StoredMatrix.of(view), update, TensorType.F32);
    assertThat(adapted.type()).isEqualTo(TensorType.F32);
    try (Staging staging = new Staging(new KernelChoice(false, "test"));
        MatrixReader reader = adapted.reader(staging)) {
      int unit = adapted.granularity();
      for (int first = 0; first < OUT * IN; first += unit) {
        for (int count = unit; count <= OUT * IN - first; count += 5 * unit) {
          reader.load(first, count);
          assertThat(reader.storedBytes()).isNull();
          MemorySegment values = reader.values(0, count);
          for (int i = 0; i < count; i++) {
            int row = (first + i) / IN;
            int column = (first + i) % IN;
            float sum = (float) (base[first + i] + row(update, row, column, 1)[0]);
            if (values.getAtIndex(ValueLayout.JAVA_FLOAT, i) != sum) {
              assertThat(values.getAtIndex(ValueLayout.JAVA_FLOAT, i)).isEqualTo(sum);
            }
          }
        }
      }
    }
  }
}
