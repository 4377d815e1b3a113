package dev.witnessmark.kernels.exact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.conformance.Inputs;
import dev.witnessmark.kernels.conformance.Pattern;
import dev.witnessmark.kernels.operation.MatVecF32;
import dev.witnessmark.kernels.operation.RmsNorm;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Products on tensor cores stay within their budget, and mistakes in them do not. */
class TensorCoreSumTest {

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  /** Just above halfway from 1 to the next number of seven bits. */
  private static final float HARD_FOR_SEVEN_BITS = 1 + 0x1p-7f + 0x1p-20f;

  /**
   * Tensor cores of some kind.
   *
   * @param bits significant bits of the factors
   * @param products how many are added at a time
   * @param parts into how many sums the columns are split
   * @param flushes whether subnormal factors and sums are taken for 0
   */
  private record TensorCores(int bits, int products, int parts, boolean flushes) {

    static TensorCores any(Random random) {
      return new TensorCores(
          8, 4 << random.nextInt(3), 1 + random.nextInt(4), random.nextBoolean());
    }

    private float factor(float x) {
      if (!Float.isFinite(x)) {
        return x;
      }
      int dropped = Float.PRECISION - bits;
      int down = Float.floatToRawIntBits(x) >> dropped << dropped;
      float lower = Float.intBitsToFloat(down);
      float upper = Float.intBitsToFloat(down + (1 << dropped));
      double gap = Math.abs((double) upper - x) - Math.abs((double) lower - x);
      boolean even = (down >> dropped & 1) == 0;
      float rounded = gap > 0 || (gap == 0 && even) ? lower : upper;
      return flushed(rounded);
    }

    private float flushed(float x) {
      return flushes && Math.abs(x) < Float.MIN_NORMAL ? Math.copySign(0, x) : x;
    }

    float dot(float[] w, float[] x) {
      int length = Math.ceilDiv(Math.ceilDiv(w.length, parts), products) * products;
      float sum = 0;
      for (int first = 0; first < w.length; first += length) {
        float part = 0;
        int end = Math.min(w.length, first + length);
        for (int i = first; i < end; i += products) {
          double[] addends = new double[1 + Math.min(products, end - i)];
          addends[0] = part;
          for (int j = 1; j < addends.length; j++) {
            addends[j] = (double) factor(w[i + j - 1]) * factor(x[i + j - 1]);
          }
          part = flushed(cutSum(addends));
        }
        sum += part;
      }
      return sum;
    }

    /** Cut off below 24 bits of the largest, added, and cut off again. */
    private static float cutSum(double[] addends) {
      double largest = Arrays.stream(addends).map(Math::abs).max().orElse(0);
      double unit = Math.ulp((float) largest);
      if (!Double.isFinite(largest) || largest > Float.MAX_VALUE) {
        return (float) Arrays.stream(addends).sum();
      }
      double sum = Arrays.stream(addends).map(addend -> ((long) (addend / unit)) * unit).sum();
      float rounded = (float) sum;
      return Math.abs((double) rounded) > Math.abs(sum)
          ? Math.copySign(Math.nextDown(Math.abs(rounded)), rounded)
          : rounded;
    }

    void run(MatVecF32 o, List<MemorySegment> m) {
      float[] w = m.getFirst().toArray(FLOAT);
      float[] x = m.get(1).toArray(FLOAT);
      for (int i = 0; i < o.batch() * o.rows(); i++) {
        int row = i % o.rows() * o.columns();
        int column = i / o.rows() * o.columns();
        float dot =
            dot(
                Arrays.copyOfRange(w, row, row + o.columns()),
                Arrays.copyOfRange(x, column, column + o.columns()));
        m.getLast().setAtIndex(FLOAT, i, dot);
      }
    }
  }

  private static MatVecF32 product(int rows, int columns, int batch) {
    return new MatVecF32(TensorType.F32, rows, columns, batch);
  }

  @Property(tries = 200)
  void tensorCoresAreWithinTheirBudget(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 900) int columns,
      @ForAll Pattern pattern) {
    MatVecF32 o = product(3, columns, 2);
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> operands = Inputs.of(o, pattern, arena);
      TensorCores.any(new Random(seed)).run(o, operands);
      assertThat(Exact.judge(o, operands, SumOrder.BFLOAT16)).allMatch(Judgement::within);
    }
  }

  /** Every factor as hard to round as can be: the budget is hardly larger than need be. */
  @Example
  void theBudgetIsUsed() {
    try (Arena arena = Arena.ofConfined()) {
      Judgement ties = uniform(new TensorCores(8, 16, 1, false), 1 + 0x1p-8f, arena);
      assertThat(ties.within()).isTrue();
      assertThat(ties.used()).isBetween(0.98, 1.0);
      Judgement sevenBits = uniform(new TensorCores(7, 16, 1, false), HARD_FOR_SEVEN_BITS, arena);
      assertThat(sevenBits.within()).as("a factor with a bit less").isFalse();
    }
  }

  private static Judgement uniform(TensorCores cores, float factor, Arena arena) {
    MatVecF32 o = product(1, 64, 1);
    List<MemorySegment> operands = Inputs.of(o, Pattern.RANDOM, arena);
    for (int i = 0; i < 64; i++) {
      operands.getFirst().setAtIndex(FLOAT, i, factor);
      operands.get(1).setAtIndex(FLOAT, i, -factor);
    }
    cores.run(o, operands);
    return Exact.judge(o, operands, SumOrder.BFLOAT16).getFirst();
  }

  @Example
  void mistakesAreNotWithinTheBudget() {
    int columns = 64;
    assertOutside("the last column is missing", m -> m.get(1).setAtIndex(FLOAT, columns - 1, 0));
    assertOutside(
        "the next row",
        m -> {
          MemorySegment w = m.getFirst();
          MemorySegment first = MemorySegment.ofArray(w.asSlice(0, 4L * columns).toArray(FLOAT));
          MemorySegment.copy(w, 4L * columns, w, 0, w.byteSize() - 4L * columns);
          w.asSlice(w.byteSize() - 4L * columns).copyFrom(first);
        });
    assertOutside(
        "two columns of the weights are swapped",
        m -> {
          float third = m.getFirst().getAtIndex(FLOAT, 3);
          m.getFirst().setAtIndex(FLOAT, 3, m.getFirst().getAtIndex(FLOAT, 4));
          m.getFirst().setAtIndex(FLOAT, 4, third);
        });
    assertOutside(
        "another vector",
        m -> MemorySegment.copy(m.get(1), 4L * columns, m.get(1), 0, 4L * columns));
  }

  private static void assertOutside(String mistake, Consumer<List<MemorySegment>> planted) {
    MatVecF32 o = product(5, 64, 17);
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> right = Inputs.of(o, Pattern.RANDOM, arena);
      List<MemorySegment> wrong = Inputs.of(o, Pattern.RANDOM, arena);
      TensorCores cores = new TensorCores(8, 16, 1, true);
      planted.accept(wrong);
      cores.run(o, wrong);
      right.getLast().copyFrom(wrong.getLast());
      assertThat(Exact.judge(o, right, SumOrder.BFLOAT16)).as(mistake).noneMatch(Judgement::within);
    }
  }

  /** As if the results were bfloat16 too: the error is another, and it grows with the columns. */
  @Example
  void aSumThatIsKeptInFewerBitsIsNotWithinTheBudget() {
    MatVecF32 o = product(1, 4096, 1);
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> operands = Inputs.of(o, Pattern.RANDOM, arena);
      operands.getFirst().copyFrom(MemorySegment.ofArray(filled(o.columns(), 1)));
      operands.get(1).copyFrom(MemorySegment.ofArray(filled(o.columns(), 1)));
      float sum = 0;
      for (int i = 0; i < o.columns(); i++) {
        sum = new TensorCores(11, 4, 1, false).factor(sum + 1);
      }
      operands.getLast().setAtIndex(FLOAT, 0, sum);
      assertThat(Exact.judge(o, operands, SumOrder.BFLOAT16)).noneMatch(Judgement::within);
    }
  }

  private static float[] filled(int count, float value) {
    float[] values = new float[count];
    Arrays.fill(values, value);
    return values;
  }

  @Example
  void budgetsAreThoseOfTheModel() {
    BoundedSum sum = SumOrder.BFLOAT16.ofMatrix();
    for (int i = 0; i < 5; i++) {
      sum.addProduct(Bounded.exactly(1), -2);
    }
    double factors = 5 * (0x1p-6 + 0x1p-15);
    assertThat(sum.total().value()).isEqualTo(-10);
    assertThat(sum.total().error())
        .isCloseTo(factors + Bounded.gamma(14, Bounded.U) * (10 + factors), within(1e-20));
    sum.clear();
    sum.addProduct(Bounded.exactly(0), 3);
    assertThat(sum.total()).as("zeros are exact").isEqualTo(Bounded.exactly(0));
    sum.clear();
    sum.addProduct(Bounded.exactly(Float.MIN_NORMAL / 2), 1);
    assertThat(sum.total().error())
        .as("subnormal factors may count as 0")
        .isBetween(Float.MIN_NORMAL / 2.0, 3.0 * Float.MIN_NORMAL);
    sum.clear();
    sum.addProduct(Bounded.exactly(0x1.ffp127f), 1);
    assertThat(sum.total().error()).as("infinite").isEqualTo(Double.POSITIVE_INFINITY);
    sum.clear();
    sum.addProduct(Bounded.exactly(Double.POSITIVE_INFINITY), -1);
    assertThat(sum.total()).isEqualTo(Bounded.exactly(Double.NEGATIVE_INFINITY));
  }

  @Example
  void whatIsNoProductOfMatricesIsAsInAnyOrder() {
    RmsNorm o = new RmsNorm(2, 300, 1e-5f);
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> operands = Inputs.of(o, Pattern.RANDOM, arena);
      assertThat(Exact.of(o, operands, SumOrder.BFLOAT16).getFirst().budgets())
          .isEqualTo(Exact.of(o, operands, SumOrder.ANY).getFirst().budgets());
    }
  }
}
