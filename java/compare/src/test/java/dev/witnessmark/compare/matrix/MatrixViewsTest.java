package dev.witnessmark.compare.matrix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.witnessmark.compare.testing.Numbers;
import dev.witnessmark.compare.testing.TestModel;
import dev.witnessmark.format.AffineCode;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every view of a matrix gives the values that plain array code puts there. */
class MatrixViewsTest {

  private static final int ROWS = 12;
  private static final int COLUMNS = 512;

  /**
   * Reads random ranges, and the whole, of {@code matrix} and compares them with {@code expected}.
   */
  private static void reads(Matrix matrix, double[] expected, Random random) throws IOException {
    assertThat(matrix.elements()).isEqualTo(expected.length);
    try (Staging staging = new Staging(new KernelChoice(false, "test"));
        MatrixReader reader = matrix.reader(staging)) {
      int unit = matrix.granularity();
      for (int i = 0; i < 30; i++) {
        int first = random.nextInt(expected.length / unit) * unit;
        int most = Math.min(expected.length - first, MatrixReader.CHUNK) / unit;
        range(reader, expected, first, (1 + random.nextInt(most)) * unit, unit, random);
      }
      for (int first = 0; first < expected.length; first += MatrixReader.CHUNK) {
        int count = Math.min(MatrixReader.CHUNK, expected.length - first);
        range(reader, expected, first, count, unit, random);
      }
    }
  }

  private static void range(
      MatrixReader reader, double[] expected, int first, int count, int unit, Random random)
      throws IOException {
    reader.load(first, count);
    for (int from = 0; from < count; from += MatrixReader.PIECE) {
      pieces(reader, expected, first, from, Math.min(MatrixReader.PIECE, count - from));
    }
    int from = random.nextInt(count / unit) * unit;
    int most = Math.min(MatrixReader.PIECE, count - from) / unit;
    pieces(reader, expected, first, from, (1 + random.nextInt(most)) * unit);
  }

  private static void pieces(
      MatrixReader reader, double[] expected, int first, int from, int piece) {
    MemorySegment values = reader.values(from, piece);
    for (int i = 0; i < piece; i++) {
      float value = values.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i);
      if (value != (float) expected[first + from + i]) {
        assertThat(value)
            .as("float at %d + %d + %d", first, from, i)
            .isEqualTo((float) expected[first + from + i]);
      }
    }
    MemorySegment wide = reader.wideValues(from, piece);
    for (int i = 0; i < piece; i++) {
      double value = wide.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
      if (value != expected[first + from + i]) {
        assertThat(value)
            .as("double at %d + %d + %d", first, from, i)
            .isEqualTo(expected[first + from + i]);
      }
    }
  }

  private static double[] transposed(double[] matrix, int rows, int columns) {
    double[] result = new double[matrix.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        result[j * rows + i] = matrix[i * columns + j];
      }
    }
    return result;
  }

  /** As stored by GGUF for LLaMA to as Hugging Face has it: reshape, swap of axes, reshape. */
  private static double[] unInterleaved(double[] matrix, int heads, int columns) {
    int rows = matrix.length / columns;
    int half = rows / heads / 2;
    double[] result = new double[matrix.length];
    int to = 0;
    for (int head = 0; head < heads; head++) {
      for (int j = 0; j < 2; j++) {
        for (int i = 0; i < half; i++) {
          int from = head * 2 * half + 2 * i + j;
          System.arraycopy(matrix, from * columns, result, to++ * columns, columns);
        }
      }
    }
    return result;
  }

  @ParameterizedTest
  @EnumSource(TensorType.class)
  void everyTypeUnderEveryView(TensorType type) throws IOException {
    Random random = new Random(type.blockBytes());
    byte[] stored = Numbers.randomFinite(type, ROWS * COLUMNS, random);
    double[] values = Numbers.values(type, stored);
    Matrix matrix = StoredMatrix.of(TestModel.view(type, stored, ROWS, COLUMNS));
    reads(matrix, values, random);
    reads(new TransposedMatrix(matrix), transposed(values, ROWS, COLUMNS), random);
    reads(
        new RowPermutation(matrix, 3, RowPermutation.Order.INTERLEAVED),
        unInterleaved(values, 3, COLUMNS),
        random);
    reads(new RowSlice(matrix, "slice", 5, 4), slice(values, 5, 4), random);
    reads(
        new RowSlice(
            new RowPermutation(matrix, 3, RowPermutation.Order.INTERLEAVED), "slice", 3, 7),
        slice(unInterleaved(values, 3, COLUMNS), 3, 7),
        random);
  }

  private static double[] slice(double[] values, int first, int rows) {
    double[] result = new double[rows * COLUMNS];
    System.arraycopy(values, first * COLUMNS, result, 0, result.length);
    return result;
  }

  @Test
  void interleavingUndoesUnInterleaving() throws IOException {
    Random random = new Random(5);
    byte[] stored = Numbers.f32(Numbers.normal(ROWS * COLUMNS, 5));
    double[] values = Numbers.values(TensorType.F32, stored);
    Matrix matrix = StoredMatrix.of(TestModel.view(TensorType.F32, stored, ROWS, COLUMNS));
    reads(
        new RowPermutation(
            new RowPermutation(matrix, 2, RowPermutation.Order.INTERLEAVED),
            2,
            RowPermutation.Order.HALVES),
        values,
        random);
  }

  /** Chunks that begin and end inside a row, and rows longer than a chunk. */
  @Test
  void viewsOfMatricesLargerThanAChunk() throws IOException {
    Random random = new Random(6);
    int[][] shapes = {{2, 300_001}, {300_001, 2}, {1000, 601}};
    for (int[] shape : shapes) {
      byte[] stored = Numbers.f32(Numbers.normal(shape[0] * shape[1], shape[0]));
      double[] values = Numbers.values(TensorType.F32, stored);
      Matrix matrix = StoredMatrix.of(TestModel.view(TensorType.F32, stored, shape[0], shape[1]));
      reads(matrix, values, random);
      reads(new TransposedMatrix(matrix), transposed(values, shape[0], shape[1]), random);
      if (shape[0] % 2 == 0) {
        reads(
            new RowPermutation(matrix, 1, RowPermutation.Order.INTERLEAVED),
            unInterleaved(values, 1, shape[1]),
            random);
      }
    }
  }

  @Test
  void aVectorAsColumn() throws IOException {
    Random random = new Random(7);
    float[] vector = Numbers.normal(240, 7);
    double[] values = Numbers.values(TensorType.F32, Numbers.f32(vector));
    Matrix column = StoredMatrix.column(TestModel.view(vector, 240));
    assertThat(column.rows()).isEqualTo(240);
    reads(
        new RowPermutation(column, 5, RowPermutation.Order.INTERLEAVED),
        unInterleaved(values, 5, 1),
        random);
  }

  @Test
  void bigEndianValuesAreSwapped() throws IOException {
    byte[] stored = {0x3f, (byte) 0x80, 0, 0, (byte) 0xc0, 0, 0, 0};
    TensorView view = TestModel.view(TensorType.F32, stored, 2).in(ByteOrder.BIG_ENDIAN);
    reads(StoredMatrix.of(view), new double[] {1, -2}, new Random(8));
  }

  /** One scale per index of any axis: value = (code − zero point) · scale. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void codesHaveTheScaleOfTheirIndexAlongTheAxis(int axis) throws IOException {
    int[] shape = {3, 4, 5};
    float[] scales = new float[shape[axis]];
    int[] zeroPoints = new int[shape[axis]];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = 0.25f * (i + 1);
      zeroPoints[i] = i - 1;
    }
    byte[] stored = new byte[60];
    double[] values = new double[60];
    for (int i = 0; i < 60; i++) {
      stored[i] = (byte) (7 * i);
      int[] index = {i / 20, i / 5 % 4, i % 5};
      values[i] = (stored[i] - zeroPoints[index[axis]]) * scales[index[axis]];
    }
    TensorView plain = TestModel.view(TensorType.I8, stored, 3, 4, 5);
    TensorView coded =
        new TensorView(
            "t",
            "t",
            plain.type(),
            plain.shape(),
            plain.source(),
            plain.offset(),
            plain.bytes(),
            plain.order(),
            false,
            new AffineCode(scales, zeroPoints, axis));
    Matrix matrix = StoredMatrix.of(coded);
    assertThat(matrix.isCoded()).isTrue();
    reads(matrix, values, new Random(9));
    reads(new TransposedMatrix(matrix), transposed(values, 12, 5), new Random(9));
    reads(StoredMatrix.column(coded), values, new Random(9));
  }

  @Test
  void viewsThatDoNotFitAreRefused() {
    Matrix matrix = StoredMatrix.of(TestModel.view(new float[12], 6, 2));
    assertThatThrownBy(() -> new RowPermutation(matrix, 2, RowPermutation.Order.HALVES))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new RowPermutation(matrix, 0, RowPermutation.Order.HALVES))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new RowSlice(matrix, "s", 5, 2))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new RowSlice(matrix, "s", -1, 2))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new RowSlice(matrix, "s", 1, Long.MAX_VALUE))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Half a unit of float64 for float64, nothing for integers that it holds. */
  @Test
  void wideBounds() throws IOException {
    double[] values = {1, -3, 0x1p60};
    double[][] expected = {
      {Math.ulp(1.0) / 2, Math.ulp(3.0) / 2, Math.ulp(0x1p60) / 2}, {0, 0, Math.ulp(0x1p60) / 2}
    };
    TensorType[] types = {TensorType.F64, TensorType.I64};
    for (int t = 0; t < types.length; t++) {
      Matrix matrix =
          StoredMatrix.of(TestModel.view(types[t], Numbers.stored(types[t], values), 3, 1));
      for (Matrix view :
          new Matrix[] {
            matrix,
            new RowSlice(matrix, "s", 0, 3),
            new TransposedMatrix(new TransposedMatrix(matrix))
          }) {
        try (Staging staging = new Staging(new KernelChoice(false, "test"));
            MatrixReader reader = view.reader(staging)) {
          reader.load(0, 3);
          reader.wideValues(0, 3);
          assertThat(reader.wideBounds(0, 3).toArray(ValueLayout.JAVA_DOUBLE))
              .containsExactly(expected[t]);
        }
      }
    }
  }
}
