package dev.witnessmark.kernels.exact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.conformance.Inputs;
import dev.witnessmark.kernels.conformance.Pattern;
import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.kernels.operation.Attention;
import dev.witnessmark.kernels.operation.AttentionScores;
import dev.witnessmark.kernels.operation.CausalSoftmax;
import dev.witnessmark.kernels.operation.Compare;
import dev.witnessmark.kernels.operation.Element;
import dev.witnessmark.kernels.operation.Judge;
import dev.witnessmark.kernels.operation.MatVecF32;
import dev.witnessmark.kernels.operation.MatVecQ8;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.kernels.operation.QuantiseActivations;
import dev.witnessmark.kernels.operation.RmsNorm;
import dev.witnessmark.kernels.operation.Rotary;
import dev.witnessmark.kernels.operation.Softmax;
import dev.witnessmark.kernels.operation.Summarise;
import dev.witnessmark.kernels.operation.TopK;
import dev.witnessmark.kernels.operation.WeightedSum;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Canonical results of any shape, and slow references that are written down here. */
class ExactPropertiesTest {

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  @Property(tries = 150)
  void anyShapeIsWithinItsBudget(@ForAll("operations") Operation o, @ForAll Pattern pattern) {
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> operands = Inputs.of(o, pattern, arena);
      HostDevice.scalar().run(o, operands);
      assertThat(Exact.judge(o, operands)).allMatch(Judgement::within);
    }
  }

  @Provide
  Arbitrary<Operation> operations() {
    Arbitrary<Integer> few = Arbitraries.integers().between(1, 5);
    Arbitrary<Integer> some = Arbitraries.integers().between(1, 20);
    Arbitrary<Integer> many = Arbitraries.integers().between(1, 1200);
    Arbitrary<TensorType> integer = Arbitraries.of(MatVecQ8.TYPES);
    return Arbitraries.oneOf(
        Combinators.combine(integer, few, some, few)
            .as((type, rows, blocks, batch) ->
                new MatVecQ8(type, rows, blocks * type.blockElements(), batch)),
        Combinators.combine(Arbitraries.of(TensorType.class), few, few)
            .as((type, rows, blocks) ->
                new MatVecF32(type, rows, blocks * type.blockElements(), 1)),
        Combinators.combine(few, many).as((rows, columns) -> new RmsNorm(rows, columns, 1e-5f)),
        Combinators.combine(few, many).as(Softmax::new),
        Combinators.combine(few, few, some, some, Arbitraries.of(Element.FLOAT32, Element.FLOAT16))
            .as((queries, group, size, more, cache) ->
                new Attention(queries, 2 * group, 2, size, queries + more, cache)),
        Combinators.combine(few, few, some, some, Arbitraries.of(Element.FLOAT32, Element.FLOAT16))
            .as((queries, group, size, more, cache) ->
                new AttentionScores(queries, 2 * group, 2, size, queries + more, cache)),
        Combinators.combine(few, few, many)
            .as((heads, queries, more) -> new CausalSoftmax(heads, queries, queries + more)),
        Combinators.combine(few, some, many).as(WeightedSum::new),
        Combinators.combine(Arbitraries.of(Rotary.Layout.class), few, some)
            .as((layout, heads, half) -> new Rotary(layout, 2, heads, 2 * half + 3, 2 * half)),
        Combinators.combine(few, many).as(Compare::new),
        Combinators.combine(few, many).as(Judge::new),
        many.map(Summarise::new));
  }

  @Property(tries = 50)
  void attentionIsTheMeanOfTheValuesSeen(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 4) int queries,
      @ForAll @IntRange(min = 0, max = 30) int before,
      @ForAll @IntRange(min = 1, max = 70) int size) {
    Attention o = new Attention(queries, 4, 2, size, queries + before, Element.FLOAT32);
    Random random = new Random(seed);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment q = normal(random, queries * 4 * size, arena);
      MemorySegment k = normal(random, o.cached() * 2 * size, arena);
      MemorySegment v = normal(random, o.cached() * 2 * size, arena);
      MemorySegment results = arena.allocate(q.byteSize());
      List<MemorySegment> operands = List.of(q, k, v, results);
      HostDevice.scalar().run(o, operands);
      Reference exact = Exact.of(o, operands).getFirst();
      for (int i = 0; i < exact.values().length; i += 7) {
        double expected = attention(o, q, k, v, i / size / 4, i / size % 4, i % size);
        assertThat(exact.values()[i]).isCloseTo(expected, within(1e-12));
        assertThat((double) results.getAtIndex(FLOAT, i))
            .isCloseTo(expected, within(exact.budgets()[i]));
        assertThat(exact.budgets()[i]).isLessThan(3e-5);
      }
    }
  }

  /** Element {@code d} of the result of one query and head, as one would write it down. */
  private static double attention(
      Attention o, MemorySegment q, MemorySegment k, MemorySegment v, int query, int head, int d) {
    double sum = 0;
    double weighted = 0;
    for (int j = 0; j <= o.cached() - o.queries() + query; j++) {
      double score = 0;
      for (int i = 0; i < o.headSize(); i++) {
        float x = q.getAtIndex(FLOAT, (query * 4 + head) * o.headSize() + i);
        score += (double) x * k.getAtIndex(FLOAT, (j * 2 + head / 2) * o.headSize() + i);
      }
      double p = Math.exp(score / Math.sqrt(o.headSize()));
      sum += p;
      weighted += p * v.getAtIndex(FLOAT, (j * 2 + head / 2) * o.headSize() + d);
    }
    return weighted / sum;
  }

  @Property(tries = 200)
  void topKIsTheHeadOfASortedRow(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 300) int columns,
      @ForAll @IntRange(min = 1, max = 60) int distinct) {
    TopK o = new TopK(1, columns, Math.min(columns, 1 + columns / 3));
    Random random = new Random(seed);
    Integer[] order = IntStream.range(0, columns).boxed().toArray(Integer[]::new);
    int[] values = random.ints(columns, -distinct, distinct).toArray();
    Arrays.sort(order, (i, j) -> Integer.compare(values[j], values[i]));
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> operands = Inputs.of(o, Pattern.RANDOM, arena);
      for (int i = 0; i < columns; i++) {
        operands.getFirst().setAtIndex(FLOAT, i, values[i]);
      }
      HostDevice.scalar().run(o, operands);
      for (int place = 0; place < o.k(); place++) {
        assertThat(operands.get(2).getAtIndex(ValueLayout.JAVA_INT, place)).isEqualTo(order[place]);
        assertThat(operands.get(1).getAtIndex(FLOAT, place)).isEqualTo(values[order[place]]);
      }
    }
  }

  @Property(tries = 200)
  void quantisedActivationsAreHalfAStepOffAtMost(
      @ForAll long seed, @ForAll @IntRange(min = -110, max = 110) int exponent) {
    Random random = new Random(seed);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment x = normal(random, 256, arena);
      double largest = 0;
      for (int i = 0; i < 256; i++) {
        float scaled = Math.scalb(x.getAtIndex(FLOAT, i), exponent);
        x.setAtIndex(FLOAT, i, scaled);
        largest = Math.abs(scaled) > Math.abs(largest) ? scaled : largest;
      }
      MemorySegment block = arena.allocate(292);
      HostDevice.scalar().run(new QuantiseActivations(TensorType.Q8_K, 1, 256), List.of(x, block));
      double d = block.get(FLOAT, 0);
      assertThat(d).isCloseTo(-largest / 127, within(1e-6 * Math.abs(largest)));
      int[] sums = new int[16];
      for (int i = 0; i < 256; i++) {
        float value = x.getAtIndex(FLOAT, i);
        int q = block.get(ValueLayout.JAVA_BYTE, 4 + i);
        sums[i / 16] += q;
        assertThat(Math.abs(value - d * q))
            .isLessThanOrEqualTo(Math.abs(d) / 2 + 3 * 0x1p-24 * Math.abs(value));
        if (value == largest) {
          assertThat(q).isEqualTo(-127);
        }
      }
      for (int j = 0; j < 16; j++) {
        assertThat((int) block.get(ValueLayout.JAVA_SHORT_UNALIGNED, 260 + 2 * j))
            .isEqualTo(sums[j]);
      }
    }
  }

  private static MemorySegment normal(Random random, int count, Arena arena) {
    MemorySegment values = arena.allocate((long) count * Float.BYTES, 64);
    for (int i = 0; i < count; i++) {
      values.setAtIndex(FLOAT, i, (float) random.nextGaussian());
    }
    return values;
  }
}
