package dev.witnessmark.kernels.exact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.conformance.Inputs;
import dev.witnessmark.kernels.conformance.Pattern;
import dev.witnessmark.kernels.decode.BlockFormula;
import dev.witnessmark.kernels.operation.Attention;
import dev.witnessmark.kernels.operation.Element;
import dev.witnessmark.kernels.operation.GatedSilu;
import dev.witnessmark.kernels.operation.MatVecF32;
import dev.witnessmark.kernels.operation.MatVecQ8;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.kernels.operation.RmsNorm;
import dev.witnessmark.kernels.operation.Rotary;
import dev.witnessmark.kernels.operation.Softmax;
import dev.witnessmark.kernels.operation.WeightedSum;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Float32 computations that add in some order of their own stay within the budgets for any. */
class SumOrderTest {

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  /** One way to compute: where sums are split, and whether products are part of an fma. */
  private static final class Freely {

    private enum Split {
      LAST,
      MIDDLE,
      ANYWHERE
    }

    private final Random random;
    private final Split split;
    private final boolean fma;

    private Freely(long seed) {
      random = new Random(seed);
      split = Split.values()[random.nextInt(3)];
      fma = random.nextBoolean();
    }

    float dot(float[] x, float[] y) {
      float[] a = x.clone();
      float[] b = y.clone();
      for (int i = a.length - 1; i > 0; i--) {
        int j = random.nextInt(i + 1);
        swap(a, i, j);
        swap(b, i, j);
      }
      return dot(a, b, 0, a.length);
    }

    private static void swap(float[] x, int i, int j) {
      float kept = x[i];
      x[i] = x[j];
      x[j] = kept;
    }

    private float dot(float[] x, float[] y, int from, int to) {
      if (to - from == 1) {
        return x[from] * y[from];
      }
      int at =
          switch (split) {
            case LAST -> to - 1;
            case MIDDLE -> (from + to) / 2;
            case ANYWHERE -> random.nextInt(from + 1, to);
          };
      float left = dot(x, y, from, at);
      return fma && to - at == 1 ? Math.fma(x[at], y[at], left) : left + dot(x, y, at, to);
    }

    float sum(float[] x) {
      float[] ones = new float[x.length];
      Arrays.fill(ones, 1);
      return dot(x, ones);
    }

    float exp(float x) {
      return nudged((float) Math.exp(x));
    }

    float quotient(float x, float y) {
      return random.nextBoolean() ? nudged(x / y) : x * nudged(1 / y);
    }

    float root(float x) {
      return nudged((float) Math.sqrt(x));
    }

    /** One more unit in the last place off; zeros and infinities are sure. */
    private float nudged(float x) {
      if (x == 0 || !Float.isFinite(x)) {
        return x;
      }
      return switch (random.nextInt(3)) {
        case 0 -> Math.nextDown(x);
        case 1 -> Math.nextUp(x);
        default -> x;
      };
    }

    /** x·y + z·w. */
    float twoProducts(float x, float y, float z, float w) {
      return switch (random.nextInt(3)) {
        case 0 -> Math.fma(x, y, z * w);
        case 1 -> Math.fma(z, w, x * y);
        default -> x * y + z * w;
      };
    }

    void run(Operation operation, List<MemorySegment> m) {
      float[] first = floats(m.getFirst());
      MemorySegment last = m.getLast();
      switch (operation) {
        case MatVecF32 o -> product(o.rows(), o.columns(), first, floats(m.get(1)), last);
        case MatVecQ8 o -> {
          if (random.nextBoolean()) {
            float[] w = decoded(o.type(), m.getFirst(), o.rows(), o.columns());
            float[] x = decoded(o.activationType(), m.get(1), o.batch(), o.columns());
            product(o.rows(), o.columns(), w, x, last);
          } else {
            productOfCodes(o, m.getFirst(), m.get(1), last);
          }
        }
        case RmsNorm o -> norm(o, first, floats(m.get(1)), last);
        case Softmax o -> {
          for (int row = 0; row < o.rows(); row++) {
            float[] p = softmax(part(first, row * o.columns(), o.columns()));
            put(last, row * o.columns(), p);
          }
        }
        case WeightedSum o -> weighted(o, first, floats(m.get(1)), last);
        case Rotary o -> rotate(o, first, floats(m.get(1)), last);
        case GatedSilu o -> {
          for (int i = 0; i < o.elements(); i++) {
            float silu = quotient(first[i], 1 + exp(-first[i]));
            last.setAtIndex(FLOAT, i, silu * m.get(1).getAtIndex(FLOAT, i));
          }
        }
        case Attention o -> attend(o, first, floats(m.get(1)), floats(m.get(2)), last);
        default -> throw new AssertionError(operation);
      }
    }

    private void product(int rows, int columns, float[] w, float[] x, MemorySegment results) {
      for (int i = 0; i < x.length / columns * rows; i++) {
        float[] row = part(w, i % rows * columns, columns);
        results.setAtIndex(FLOAT, i, dot(row, part(x, i / rows * columns, columns)));
      }
    }

    /** Sums of integers over sixteen elements, which share a scale; then sums of floats. */
    private void productOfCodes(
        MatVecQ8 o, MemorySegment weights, MemorySegment activations, MemorySegment results) {
      TensorType type = o.type();
      BlockFormula formula = new BlockFormula(type);
      int groups = o.columns() / 16;
      boolean superBlocks = o.activationType() == TensorType.Q8_K;
      for (int i = 0; i < o.batch() * o.rows(); i++) {
        float[] w = new float[2 * groups];
        float[] x = new float[2 * groups];
        for (int group = 0; group < groups; group++) {
          int block = group * 16 / type.blockElements();
          int first = group * 16 % type.blockElements();
          int perRow = o.columns() / type.blockElements();
          long at = ((long) i % o.rows() * perRow + block) * type.blockBytes();
          long q = ((long) i / o.rows() * perRow + block) * o.activationType().blockBytes();
          int codes = 0;
          int sum = 0;
          for (int e = first; e < first + 16; e++) {
            int code = Numbers.i8At(activations, q + (superBlocks ? 4 : 2) + e);
            codes += formula.code(weights, at, e) * code;
            sum += code;
          }
          float d = superBlocks ? Numbers.f32At(activations, q) : Numbers.f16At(activations, q);
          w[2 * group] = formula.scale(weights, at, first) * codes;
          w[2 * group + 1] = formula.hasOffset() ? formula.offset(weights, at, first) * sum : 0;
          x[2 * group] = d;
          x[2 * group + 1] = d;
        }
        results.setAtIndex(FLOAT, i, dot(w, x));
      }
    }

    private void norm(RmsNorm o, float[] x, float[] weights, MemorySegment results) {
      for (int row = 0; row < o.rows(); row++) {
        float[] one = part(x, row * o.columns(), o.columns());
        float reciprocal = quotient(1, root(quotient(dot(one, one), o.columns()) + o.epsilon()));
        for (int i = 0; i < o.columns(); i++) {
          results.setAtIndex(FLOAT, (long) row * o.columns() + i, one[i] * reciprocal * weights[i]);
        }
      }
    }

    private float[] softmax(float[] scores) {
      float largest = Float.NEGATIVE_INFINITY;
      for (float score : scores) {
        largest = Math.max(largest, score);
      }
      float[] p = new float[scores.length];
      for (int i = 0; i < p.length; i++) {
        p[i] = exp(scores[i] - largest);
      }
      float sum = sum(p);
      for (int i = 0; i < p.length; i++) {
        p[i] = quotient(p[i], sum);
      }
      return p;
    }

    private void weighted(WeightedSum o, float[] parts, float[] weights, MemorySegment results) {
      for (int i = 0; i < o.tokens() * o.columns(); i++) {
        int first = i / o.columns() * o.used();
        float[] x = new float[o.used()];
        for (int j = 0; j < x.length; j++) {
          x[j] = parts[(first + j) * o.columns() + i % o.columns()];
        }
        results.setAtIndex(FLOAT, i, dot(x, part(weights, first, o.used())));
      }
    }

    private void rotate(Rotary o, float[] x, float[] table, MemorySegment results) {
      put(results, 0, x);
      int half = o.rotated() / 2;
      for (int head = 0; head < o.positions() * o.heads(); head++) {
        for (int i = 0; i < half; i++) {
          int a = head * o.headSize() + i;
          float c = table[head / o.heads() * o.rotated() + 2 * i];
          float s = table[head / o.heads() * o.rotated() + 2 * i + 1];
          results.setAtIndex(FLOAT, a, twoProducts(x[a], c, -x[a + half], s));
          results.setAtIndex(FLOAT, a + half, twoProducts(x[a], s, x[a + half], c));
        }
      }
    }

    private void attend(Attention o, float[] q, float[] k, float[] v, MemorySegment results) {
      float scale = (float) (1 / Math.sqrt(o.headSize()));
      for (int query = 0; query < o.queries(); query++) {
        for (int head = 0; head < o.heads(); head++) {
          int at = (query * o.heads() + head) * o.headSize();
          int group = head / (o.heads() / o.keyValueHeads());
          float[] scores = new float[o.mask().visible(query)];
          for (int j = 0; j < scores.length; j++) {
            int key = (j * o.keyValueHeads() + group) * o.headSize();
            scores[j] = dot(part(q, at, o.headSize()), part(k, key, o.headSize())) * scale;
          }
          float[] p = softmax(scores);
          for (int i = 0; i < o.headSize(); i++) {
            float[] column = new float[p.length];
            for (int j = 0; j < p.length; j++) {
              column[j] = v[(j * o.keyValueHeads() + group) * o.headSize() + i];
            }
            results.setAtIndex(FLOAT, at + i, dot(p, column));
          }
        }
      }
    }
  }

  private static float[] floats(MemorySegment memory) {
    return memory.asSlice(0, memory.byteSize() / 4 * 4).toArray(FLOAT);
  }

  private static float[] part(float[] x, int from, int count) {
    return Arrays.copyOfRange(x, from, from + count);
  }

  private static void put(MemorySegment to, int at, float[] x) {
    MemorySegment.copy(x, 0, to, FLOAT, (long) at * Float.BYTES, x.length);
  }

  private static float[] decoded(TensorType type, MemorySegment blocks, int rows, int columns) {
    float[] all = new float[rows * columns];
    for (int row = 0; row < rows; row++) {
      float[] one = ExactDecoding.row(type, blocks, row, columns);
      System.arraycopy(one, 0, all, row * columns, columns);
    }
    return all;
  }

  private static List<Operation> operations(int size) {
    return List.of(
        new MatVecF32(TensorType.F32, 3, size, 2),
        new MatVecQ8(TensorType.Q4_K, 3, 256 * (1 + size / 200), 2),
        new MatVecQ8(TensorType.Q6_K, 3, 256 * (1 + size / 200), 1),
        new MatVecQ8(TensorType.Q8_0, 3, 32 * (1 + size / 30), 1),
        new RmsNorm(2, size, 1e-5f),
        new Softmax(2, size),
        new WeightedSum(2, 1 + size % 8, 9),
        new Rotary(Rotary.Layout.NEOX, 2, 3, 2 * (size % 32) + 2, 2 * (size % 32) + 2),
        new GatedSilu(size),
        new Attention(2, 4, 2, 1 + size % 64, 2 + size % 90, Element.FLOAT32));
  }

  @Property(tries = 60)
  void anyOrderIsWithinItsBudget(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 900) int size, @ForAll Pattern pattern) {
    for (Operation o : operations(size)) {
      try (Arena arena = Arena.ofConfined()) {
        List<MemorySegment> operands = Inputs.of(o, pattern, arena);
        new Freely(seed).run(o, operands);
        assertThat(Exact.judge(o, operands, SumOrder.ANY))
            .as("%s %s", o, pattern)
            .allMatch(Judgement::within);
      }
    }
  }

  /** Where it is the sum that rounds, budgets of the canonical order do not do. */
  @Example
  void oneAfterTheOtherIsNotWithinTheCanonicalBudget() {
    int columns = 5000;
    MatVecF32 o = new MatVecF32(TensorType.F32, 1, columns, 1);
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> operands = Inputs.of(o, Pattern.RANDOM, arena);
      float sum = 0;
      for (int i = 0; i < columns; i++) {
        operands.getFirst().setAtIndex(FLOAT, i, 1);
        operands.get(1).setAtIndex(FLOAT, i, 0.1f);
        sum += 0.1f;
      }
      operands.getLast().setAtIndex(FLOAT, 0, sum);
      assertThat(Exact.judge(o, operands)).noneMatch(Judgement::within);
      assertThat(Exact.judge(o, operands, SumOrder.ANY)).allMatch(Judgement::within);
    }
  }

  @Example
  void budgetsOfAnyOrderAreThoseOfTheModel() {
    double u = Bounded.U;
    BoundedSum sum = SumOrder.ANY.of256();
    for (int i = 0; i < 700; i++) {
      sum.add(Bounded.exactly(i % 2 == 0 ? 1 : -1));
    }
    assertThat(sum.total()).isEqualTo(new Bounded(0, Bounded.gamma(699, u) * 700));
    sum.clear();
    for (int i = 0; i < 5; i++) {
      sum.addProduct(1, 2);
    }
    assertThat(sum.total().error()).isCloseTo(Bounded.gamma(5, u) * 10, within(1e-20));
    Bounded three = Bounded.exactly(3);
    assertThat(SumOrder.ANY.root(Bounded.exactly(9)).error()).isCloseTo(12 * u, within(1e-12));
    assertThat(SumOrder.ANY.quotient(three, three).error()).isCloseTo(5 * u, within(1e-12));
    assertThat(SumOrder.ANY.exp(Bounded.exactly(0)).error()).isCloseTo(4 * u, within(1e-12));
    assertThat(SumOrder.ANY.exp(Bounded.exactly(88.722839)).error())
        .as("two units in the last place more are infinite")
        .isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(SumOrder.ANY.product(three, three, three).error())
        .as("the product 9 and the sum 12")
        .isCloseTo(21 * u, within(1e-12));
  }
}
