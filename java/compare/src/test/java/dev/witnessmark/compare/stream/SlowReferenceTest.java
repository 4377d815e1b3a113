package dev.witnessmark.compare.stream;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.witnessmark.compare.Extreme;
import dev.witnessmark.compare.HistogramBin;
import dev.witnessmark.compare.RowChange;
import dev.witnessmark.compare.RowChanges;
import dev.witnessmark.compare.TensorDifference;
import dev.witnessmark.compare.TensorStatus;
import dev.witnessmark.compare.ValueDifference;
import dev.witnessmark.compare.matrix.MatrixReader;
import dev.witnessmark.compare.testing.Diffs;
import dev.witnessmark.compare.testing.Numbers;
import dev.witnessmark.compare.testing.SlowComparison;
import dev.witnessmark.compare.testing.TestModel;
import dev.witnessmark.format.Shape;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.decode.WideDecoder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The streaming comparison against the slow one, on one tensor at a time. */
class SlowReferenceTest {

  private static final int TOP = 5;
  private static final double RELATIVE_ERROR = 1e-9;

  /** Rows shorter than this are not looked at one by one. */
  private static final int SHORTEST_ROW = 16;

  private static TensorDifference compare(
      TensorType typeA, byte[] a, TensorType typeB, byte[] b, long... shape) throws IOException {
    TensorDifference result =
        Diffs.run(
                TestModel.huggingFace().tensor("t", typeA, a, shape).operand("a"),
                TestModel.huggingFace().tensor("t", typeB, b, shape).operand("b"),
                Diffs.options(2, TOP, null))
            .tensors()
            .getFirst();
    agree(
        requireNonNull(result.difference()),
        Numbers.values(typeA, a),
        Numbers.values(typeB, b),
        Shape.of(shape),
        WideDecoder.reads(typeA) || WideDecoder.reads(typeB),
        result.status() == TensorStatus.BIT_IDENTICAL);
    return result;
  }

  private static void agree(
      ValueDifference found, double[] a, double[] b, Shape shape, boolean wide, boolean sameBytes) {
    SlowComparison slow =
        SlowComparison.of(a, b, (int) shape.rows(), (int) shape.columns(), wide, TOP);
    assertThat(found.values()).isEqualTo(slow.values());
    assertThat(found.equal()).isEqualTo(slow.equal());
    if (sameBytes) {
      assertThat(slow.equal()).isEqualTo(slow.values());
    } else {
      assertThat(found.nanBoth()).isEqualTo(slow.nanBoth());
      assertThat(found.infBoth()).isEqualTo(slow.infBoth());
      near(found.normA(), slow.normA());
      near(found.normB(), slow.normB());
    }
    assertThat(found.signedZeros()).isEqualTo(slow.signedZeros());
    assertThat(found.nanOnlyA()).isEqualTo(slow.nanOnlyA());
    assertThat(found.nanOnlyB()).isEqualTo(slow.nanOnlyB());
    assertThat(found.infOnlyA()).isEqualTo(slow.infOnlyA());
    assertThat(found.infOnlyB()).isEqualTo(slow.infOnlyB());
    assertThat(found.max()).isEqualTo(slow.top().isEmpty() ? null : slow.top().getFirst());
    assertThat(found.top()).isEqualTo(slow.top());
    assertThat(found.mean()).isCloseTo(slow.mean(), within(RELATIVE_ERROR * slow.meanMagnitude()));
    near(found.rms(), slow.rms());
    near(found.relative(), slow.relative());
    if (slow.cosine() == null) {
      assertThat(found.cosine()).isNull();
    } else {
      assertThat(found.cosine()).isCloseTo(slow.cosine(), within(RELATIVE_ERROR));
    }
    TreeMap<Double, Long> histogram = new TreeMap<>();
    for (HistogramBin bin : found.histogram()) {
      histogram.put(bin.upTo(), bin.count());
    }
    assertThat(histogram).isEqualTo(slow.histogram());
    rows(found.rows(), slow, shape);
  }

  private static void rows(@Nullable RowChanges rows, SlowComparison slow, Shape shape) {
    if (shape.rank() < 2 || shape.columns() < SHORTEST_ROW) {
      assertThat(rows).isNull();
      return;
    }
    RowChanges found = requireNonNull(rows);
    assertThat(found.rows()).isEqualTo(shape.rows());
    assertThat(found.moved()).isEqualTo(slow.moved().size());
    Map<Long, Double> byRow = new HashMap<>();
    slow.moved().forEach(change -> byRow.put(change.row(), change.relative()));
    assertThat(found.most()).hasSize(Math.min(TOP, slow.moved().size()));
    for (int i = 0; i < found.most().size(); i++) {
      RowChange change = found.most().get(i);
      near(change.relative(), byRow.get(change.row()));
      near(change.relative(), slow.moved().get(i).relative());
    }
  }

  private static void near(@Nullable Double found, @Nullable Double expected) {
    if (expected == null || found == null || expected.isInfinite()) {
      assertThat(found).isEqualTo(expected);
    } else {
      assertThat(found).isCloseTo(expected, within(RELATIVE_ERROR * Math.abs(expected)));
    }
  }

  /** What a pair of values looks like. */
  private enum Change {
    NONE,
    SMALL,
    LARGE,
    SPECIAL
  }

  private static final float[] SPECIAL = {
    0f,
    -0f,
    Float.NaN,
    Float.intBitsToFloat(0x7fc00001),
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    1f,
    Float.MIN_NORMAL
  };

  private static float[][] pair(int elements, long seed) {
    Random random = new Random(seed);
    float[] a = new float[elements];
    float[] b = new float[elements];
    double busy = random.nextDouble();
    for (int i = 0; i < elements; i++) {
      a[i] = (float) (random.nextGaussian() * Math.scalb(1.0, random.nextInt(-10, 10)));
      Change change =
          random.nextDouble() < busy
              ? Change.values()[random.nextInt(Change.values().length)]
              : Change.NONE;
      switch (change) {
        case NONE -> b[i] = a[i];
        case SMALL -> b[i] = Math.nextUp(a[i]);
        case LARGE -> b[i] = (float) random.nextGaussian();
        case SPECIAL -> {
          a[i] = SPECIAL[random.nextInt(SPECIAL.length)];
          b[i] = SPECIAL[random.nextInt(SPECIAL.length)];
        }
      }
    }
    return new float[][] {a, b};
  }

  @Provide
  Arbitrary<List<Integer>> shapes() {
    return Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(6, Arbitraries.integers().between(1, 40)),
            net.jqwik.api.Tuple.of(1, Arbitraries.of(0, 1, 15, 16, 17)))
        .list()
        .ofMinSize(0)
        .ofMaxSize(3);
  }

  @Property(tries = 150)
  void floatsOfAnyShape(@ForAll("shapes") List<Integer> shape, @ForAll long seed)
      throws IOException {
    long[] dimensions = shape.stream().mapToLong(Integer::longValue).toArray();
    float[][] pair = pair((int) Shape.of(dimensions).elements(), seed);
    compare(TensorType.F32, Numbers.f32(pair[0]), TensorType.F32, Numbers.f32(pair[1]), dimensions);
  }

  private static final List<TensorType> PLAIN =
      List.of(
          TensorType.F32,
          TensorType.F16,
          TensorType.BF16,
          TensorType.F64,
          TensorType.I8,
          TensorType.U8,
          TensorType.I16,
          TensorType.U16,
          TensorType.I32,
          TensorType.U32,
          TensorType.I64,
          TensorType.U64);

  @Provide
  Arbitrary<TensorType> plainTypes() {
    return Arbitraries.of(PLAIN);
  }

  @Property(tries = 150)
  void plainTypesAgainstEachOther(
      @ForAll("plainTypes") TensorType typeA,
      @ForAll("plainTypes") TensorType typeB,
      @ForAll long seed)
      throws IOException {
    Random random = new Random(seed);
    int rows = random.nextInt(1, 30);
    int columns = random.nextInt(1, 60);
    double[] a = random.doubles((long) rows * columns, 0, 120).map(Math::rint).toArray();
    double[] b = a.clone();
    for (int i = 0; i < b.length; i++) {
      if (random.nextInt(4) == 0) {
        b[i] = Math.rint(random.nextDouble() * 120);
      }
    }
    TensorDifference result =
        compare(typeA, Numbers.stored(typeA, a), typeB, Numbers.stored(typeB, b), rows, columns);
    if (Arrays.equals(a, b)) {
      assertThat(result.status())
          .isEqualTo(typeA == typeB ? TensorStatus.BIT_IDENTICAL : TensorStatus.IDENTICAL);
    }
  }

  @ParameterizedTest
  @EnumSource(TensorType.class)
  void everyTypeAgainstItselfAndAgainstFloats(TensorType type) throws IOException {
    Random random = new Random(type.blockBytes());
    int rows = 5;
    int columns = 2 * 256;
    byte[] a = Numbers.randomFinite(type, rows * columns, random);
    byte[] b = a.clone();
    byte[] other = Numbers.randomFinite(type, 256, random);
    System.arraycopy(other, 0, b, (int) type.bytes(512), other.length);
    compare(type, a, type, a, rows, columns);
    compare(type, a, type, b, rows, columns);
    double[] decoded = Numbers.values(type, a);
    byte[] floats = Numbers.stored(TensorType.F64, decoded);
    TensorDifference equal = compare(type, a, TensorType.F64, floats, rows, columns);
    // Integers beyond 2^53 may differ from the floats by the rounding of the floats.
    assertThat(equal.status())
        .isEqualTo(
            switch (type) {
              case F64 -> TensorStatus.BIT_IDENTICAL;
              case I64, U64 -> TensorStatus.WITHIN_QUANTISATION;
              default -> TensorStatus.IDENTICAL;
            });
  }

  /** Small whole numbers, so that every sum is exact and the slow comparison quick. */
  private static float[] whole(int count, Random random) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextInt(-9, 10);
    }
    return values;
  }

  /** Lengths around a piece, a chunk, and two chunks. */
  @ParameterizedTest
  @CsvSource({
    "1, 8191",
    "1, 8192",
    "1, 8193",
    "3, 4097",
    "1, 262143",
    "1, 262144",
    "2, 262144",
    "1, 262145",
    "3, 262145",
    "2, 600000",
    "262144, 1",
    "262145, 1",
    "17000, 16",
    "16385, 17",
    "129, 2049",
    "3, 100000"
  })
  void chunksAndPiecesJoinWithoutSeams(int rows, int columns) throws IOException {
    Random random = new Random(rows);
    float[] a = whole(rows * columns, random);
    float[] b = a.clone();
    List<Integer> places = new ArrayList<>(List.of(0, b.length - 1, b.length / 2));
    for (int edge : new int[] {4096, MatrixReader.PIECE, MatrixReader.CHUNK, columns}) {
      for (int i = edge; i < b.length && places.size() < 400; i += edge) {
        if (random.nextInt(3) > 0) {
          places.add(i - 1);
          places.add(i);
        }
      }
    }
    for (int place : places) {
      b[place] += 1 + random.nextInt(7);
    }
    compare(TensorType.F32, Numbers.f32(a), TensorType.F32, Numbers.f32(b), rows, columns);
  }

  /** A row longer than a chunk, whose pieces are equal, different, equal. */
  @ParameterizedTest
  @CsvSource({"0", "262144", "524288", "599999", "600000", "862144", "1199999"})
  void aLongRowOfWhichOnePieceMovedIsMeasuredAgainstTheWholeRow(int place) throws IOException {
    float[] a = whole(2 * 600_000, new Random(1));
    float[] b = a.clone();
    b[place] += 3;
    TensorDifference result =
        compare(TensorType.F32, Numbers.f32(a), TensorType.F32, Numbers.f32(b), 2, 600_000);
    Extreme max = requireNonNull(requireNonNull(result.difference()).max());
    assertThat(max.index()).isEqualTo(place);
    assertThat(max.row()).isEqualTo(place / 600_000);
    assertThat(max.column()).isEqualTo(place % 600_000);
  }

  @Test
  void everyThirdPieceOfLongRowsMoved() throws IOException {
    float[] a = whole(3 * 600_000, new Random(2));
    float[] b = a.clone();
    for (int i = 0; i < b.length; i += 600_000 - 100_000) {
      b[i] += 2;
    }
    compare(TensorType.F32, Numbers.f32(a), TensorType.F32, Numbers.f32(b), 3, 600_000);
  }

  @Test
  void scalarsVectorsAndEmptyTensors() throws IOException {
    compare(TensorType.F32, Numbers.f32(2f), TensorType.F32, Numbers.f32(3f));
    compare(TensorType.F32, Numbers.f32(2f, 1f), TensorType.F32, Numbers.f32(3f, 1f), 2);
    compare(TensorType.F32, Numbers.f32(), TensorType.F32, Numbers.f32(), 0);
    compare(TensorType.F32, Numbers.f32(), TensorType.F32, Numbers.f32(), 0, 300);
    compare(TensorType.F32, Numbers.f32(), TensorType.F32, Numbers.f32(), 300, 0);
    assertThat(compare(TensorType.F32, new byte[0], TensorType.F64, new byte[0], 4, 0, 4).status())
        .isEqualTo(TensorStatus.IDENTICAL);
  }

  /** Values so small, or so large, that float32 does not hold them, in equal bytes. */
  @Test
  void theCosineOfATinyTensorWithItselfIsOne() throws IOException {
    for (double value : new double[] {1e-300, 1e300}) {
      byte[] stored = Numbers.stored(TensorType.F64, 0, value);
      TensorDifference result =
          Diffs.run(
                  TestModel.huggingFace().tensor("t", TensorType.F64, stored, 2),
                  TestModel.huggingFace().tensor("t", TensorType.F64, stored, 2))
              .tensors()
              .getFirst();
      assertThat(result.status()).isEqualTo(TensorStatus.BIT_IDENTICAL);
      assertThat(requireNonNull(result.difference()).cosine()).isEqualTo(1.0);
    }
  }
}
