package dev.witnessmark.kernels.exact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.conformance.Inputs;
import dev.witnessmark.kernels.conformance.Pattern;
import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.kernels.operation.Add;
import dev.witnessmark.kernels.operation.AddBias;
import dev.witnessmark.kernels.operation.ArgMax;
import dev.witnessmark.kernels.operation.Attention;
import dev.witnessmark.kernels.operation.CausalSoftmax;
import dev.witnessmark.kernels.operation.Element;
import dev.witnessmark.kernels.operation.GatedSilu;
import dev.witnessmark.kernels.operation.Gather;
import dev.witnessmark.kernels.operation.MatVecF32;
import dev.witnessmark.kernels.operation.MatVecQ8;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.kernels.operation.QuantiseActivations;
import dev.witnessmark.kernels.operation.RmsNorm;
import dev.witnessmark.kernels.operation.Rotary;
import dev.witnessmark.kernels.operation.Silu;
import dev.witnessmark.kernels.operation.Softmax;
import dev.witnessmark.kernels.operation.TopK;
import dev.witnessmark.kernels.operation.WeightedSum;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Assume;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Steps one after the other: what is computed, and what is known of it. */
class ChainTest {

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  /**
   * An operand of a step.
   *
   * @param memory as it is computed
   * @param given as it is known
   */
  private record Value(MemorySegment memory, Given given) {}

  /** A chain that is computed by the canonical kernels. */
  private static final class Chain implements AutoCloseable {

    private final Arena arena = Arena.ofConfined();
    private final Random random;
    private final SumOrder order;
    private List<Reference> last = List.of();
    private List<Value> outputs = List.of();

    private Chain(long seed, SumOrder order) {
      random = new Random(seed);
      this.order = order;
    }

    Value stored(MemorySegment memory) {
      return new Value(memory, Given.stored(memory));
    }

    Value numbers(int count) {
      MemorySegment memory = arena.allocate((long) count * Float.BYTES, 64);
      for (int i = 0; i < count; i++) {
        memory.setAtIndex(FLOAT, i, (float) random.nextGaussian());
      }
      return stored(memory);
    }

    /** Blocks of Q8_0 or Q8_K, made of numbers. */
    Value blocks(TensorType type, int rows, int columns) {
      QuantiseActivations o = new QuantiseActivations(type, rows, columns);
      MemorySegment blocks = arena.allocate(o.operands().getLast().bytes(), 64);
      HostDevice.scalar().run(o, List.of(numbers(rows * columns).memory(), blocks));
      return stored(blocks);
    }

    Value run(Operation operation, Value... inputs) {
      List<MemorySegment> operands = new ArrayList<>();
      for (Value input : inputs) {
        operands.add(input.memory());
      }
      for (int i = inputs.length; i < operation.operands().size(); i++) {
        operands.add(arena.allocate(operation.operands().get(i).bytes(), 64));
      }
      HostDevice.scalar().run(operation, operands);
      last = Exact.after(operation, Arrays.stream(inputs).map(Value::given).toList(), order);
      outputs =
          last.stream()
              .map(reference ->
                  new Value(operands.get(reference.operand()), Given.computed(reference)))
              .toList();
      return outputs.getFirst();
    }

    /**
     * The last step is within its budget, which is worth something, and a mistake is not.
     *
     * @param mistake of results of float32; where factors keep eight bits it has to be larger
     */
    void holds(double mistake) {
      double noticed = order == SumOrder.BFLOAT16 ? EIGHT_BITS * mistake : mistake;
      for (int i = 0; i < outputs.size(); i++) {
        Judgement judgement = last.get(i).judge(outputs.get(i).memory());
        assertThat(judgement.within()).as("%s", judgement).isTrue();
        assertThat(judgement.unlimited()).isZero();
      }
      MemorySegment results = outputs.getFirst().memory();
      for (long i = 0; i < results.byteSize() / Float.BYTES; i++) {
        float wrong = (float) (results.getAtIndex(FLOAT, i) * (1 + noticed));
        results.setAtIndex(FLOAT, i, wrong);
      }
      assertThat(last.getFirst().judge(results).within()).isFalse();
    }

    @Override
    public void close() {
      arena.close();
    }
  }

  /** By how much a factor of bfloat16 is coarser than one of float32, less what sums hide. */
  private static final double EIGHT_BITS = 1 << 10;

  @Property(tries = 30)
  void normAndRotation(@ForAll long seed, @ForAll SumOrder order) {
    try (Chain chain = new Chain(seed, order)) {
      Value heads = chain.run(new RmsNorm(6, 64, 1e-6f), chain.numbers(6 * 64), chain.numbers(64));
      chain.run(new Rotary(Rotary.Layout.NEOX, 2, 3, 64, 64), heads, chain.numbers(2 * 64));
      chain.holds(1e-3);
    }
  }

  @Property(tries = 30)
  void productAndBias(@ForAll long seed, @ForAll SumOrder order) {
    try (Chain chain = new Chain(seed, order)) {
      MatVecF32 o = new MatVecF32(TensorType.F32, 40, 300, 2);
      Value product = chain.run(o, chain.numbers(40 * 300), chain.numbers(2 * 300));
      chain.run(new AddBias(2, 40), product, chain.numbers(40));
      chain.holds(1e-3);
    }
  }

  @Property(tries = 20)
  void gatedNetwork(@ForAll long seed, @ForAll SumOrder order) {
    try (Chain chain = new Chain(seed, order)) {
      Value norm = chain.run(new RmsNorm(2, 64, 1e-6f), chain.numbers(128), chain.numbers(64));
      MatVecF32 wide = new MatVecF32(TensorType.F32, 160, 64, 2);
      Value gate = chain.run(wide, chain.numbers(160 * 64), norm);
      Value up = chain.run(wide, chain.numbers(160 * 64), norm);
      Value hidden = chain.run(new GatedSilu(320), gate, up);
      MatVecF32 down = new MatVecF32(TensorType.F32, 64, 160, 2);
      chain.run(down, chain.numbers(64 * 160), hidden);
      chain.holds(1e-3);
    }
  }

  @Property(tries = 20)
  void experts(@ForAll long seed, @ForAll SumOrder order) {
    // Weights are powers of e: of scores with eight bits they may be anything.
    Assume.that(order != SumOrder.BFLOAT16);
    try (Chain chain = new Chain(seed, order)) {
      MatVecF32 router = new MatVecF32(TensorType.F32, 8, 64, 1);
      Value token = chain.numbers(64);
      Value scores = chain.run(router, chain.numbers(8 * 64), token);
      Value shares = chain.run(new Softmax(1, 8), scores);
      Value weights = chain.run(new TopK(1, 8, 3), shares);
      Value chosen = chain.stored(chain.outputs.get(1).memory());
      MatVecF32 expert = new MatVecF32(TensorType.F32, 8 * 16, 64, 1);
      Value parts = chain.run(expert, chain.numbers(8 * 16 * 64), token);
      Value used = chain.run(new Gather(TensorType.F32, 8, 16, 3), parts, chosen);
      chain.run(new WeightedSum(1, 3, 16), used, weights);
      chain.holds(1e-3);
    }
  }

  @Property(tries = 20)
  void quantisedNetwork(@ForAll long seed, @ForAll SumOrder order, @ForAll boolean small) {
    TensorType type = small ? TensorType.Q8_0 : TensorType.Q6_K;
    MatVecQ8 o = new MatVecQ8(type, 4, 512, 2);
    try (Chain chain = new Chain(seed, order)) {
      Value norm = chain.run(new RmsNorm(2, 512, 1e-6f), chain.numbers(1024), chain.numbers(512));
      Value x = chain.run(new QuantiseActivations(o.activationType(), 2, 512), norm);
      Value weights =
          small ? chain.blocks(type, 4, 512) : chain.stored(sixBits(chain.random, chain.arena));
      chain.run(o, weights, x);
      chain.holds(1);
    }
  }

  /** Four rows of 512 random codes; only the scale of a block is not any bits. */
  private static MemorySegment sixBits(Random random, Arena arena) {
    byte[] bytes = new byte[8 * 210];
    random.nextBytes(bytes);
    MemorySegment blocks = arena.allocate(bytes.length, 64).copyFrom(MemorySegment.ofArray(bytes));
    for (int block = 0; block < 8; block++) {
      blocks.set(ValueLayout.JAVA_SHORT_UNALIGNED, block * 210 + 208, Float.floatToFloat16(0.01f));
    }
    return blocks;
  }

  /** An operation and how many of its inputs, from the first one that can, have errors. */
  private record Step(Operation operation, int from, int to) {}

  private static final List<Step> STEPS =
      List.of(
          new Step(new RmsNorm(2, 50, 1e-5f), 0, 2),
          new Step(new Rotary(Rotary.Layout.NEOX, 2, 3, 8, 8), 0, 2),
          new Step(new Rotary(Rotary.Layout.INTERLEAVED, 2, 3, 9, 6), 0, 2),
          new Step(new MatVecF32(TensorType.Q4_0, 3, 96, 2), 1, 2),
          new Step(new Add(30), 0, 2),
          new Step(new AddBias(2, 9), 0, 2),
          new Step(new Silu(40), 0, 1),
          new Step(new GatedSilu(40), 0, 1),
          new Step(new GatedSilu(40), 0, 2),
          new Step(new Gather(TensorType.F32, 5, 6, 3), 0, 1),
          new Step(new WeightedSum(2, 3, 9), 0, 2),
          new Step(new Softmax(2, 20), 0, 1),
          new Step(new CausalSoftmax(2, 3, 9), 0, 1),
          new Step(new TopK(2, 20, 5), 0, 1),
          new Step(new ArgMax(2, 20), 0, 1),
          new Step(new QuantiseActivations(TensorType.Q8_0, 2, 64), 0, 1),
          new Step(new QuantiseActivations(TensorType.Q8_K, 1, 512), 0, 1));

  /** Whatever the real numbers are that the inputs stand for, the outputs are within budget. */
  @Property(tries = 200)
  void everyStepAllowsForTheErrorsOfItsInputs(
      @ForAll long seed,
      @ForAll @IntRange(min = -9, max = 0) int magnitude,
      @ForAll SumOrder order,
      @ForAll Pattern pattern) {
    Random random = new Random(seed);
    double share = Math.pow(10, magnitude);
    for (Step step : STEPS) {
      Operation o = step.operation();
      try (Arena arena = Arena.ofConfined()) {
        List<MemorySegment> operands = Inputs.of(o, pattern, arena);
        HostDevice.scalar().run(o, operands);
        List<Given> inputs = new ArrayList<>(operands.stream().map(Given::stored).toList());
        for (int i = step.from(); i < step.to(); i++) {
          inputs.set(i, standingFor(operands.get(i), share, random));
        }
        for (Reference reference : Exact.after(o, inputs, order)) {
          assertThat(reference.judge(operands.get(reference.operand())))
              .as("%s %s", o, pattern)
              .matches(Judgement::within);
        }
      }
    }
  }

  /** Real numbers that floats are off by a share of themselves. */
  private static Given standingFor(MemorySegment floats, double share, Random random) {
    int count = Math.toIntExact(floats.byteSize() / Float.BYTES);
    double[] values = new double[count];
    double[] budgets = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = Numbers.f32(floats, i);
      if (Double.isFinite(values[i]) && random.nextInt(4) > 0) {
        double error = share * Math.abs(values[i]) * random.nextDouble();
        values[i] += random.nextBoolean() ? error : -error;
        budgets[i] = Math.abs(values[i] - Numbers.f32(floats, i));
      }
    }
    return given(values, budgets);
  }

  private static Given given(double[] values, double... budgets) {
    return Given.computed(new Reference("x", 0, values, budgets, Numbers::f32));
  }

  private static Given stored(Arena arena, float... values) {
    return Given.stored(arena.allocateFrom(FLOAT, values));
  }

  @Example
  void errorsAreHandedOn() {
    double u = Bounded.U;
    try (Arena arena = Arena.ofConfined()) {
      Given x = given(new double[] {3, -4}, 1e-3, 1e-2);
      Reference sum =
          Exact.after(new AddBias(1, 2), List.of(x, stored(arena, 1, 1)), SumOrder.CANONICAL)
              .getFirst();
      assertThat(sum.values()).containsExactly(4, -3);
      assertThat(sum.budgets()[0]).isCloseTo(1e-3 + 4.001 * u, within(1e-12));
      Reference dot =
          Exact.after(
                  new MatVecF32(TensorType.F32, 1, 2, 1),
                  List.of(stored(arena, 2, 5), x),
                  SumOrder.ANY)
              .getFirst();
      assertThat(dot.values()).containsExactly(-14);
      assertThat(dot.budgets()[0])
          .as("2·1e-3 + 5·1e-2, and γ_2 of 26")
          .isCloseTo(0.052 + 2 * u * 26.052, within(1e-12));
    }
  }

  @Example
  void placesAreCertainOrNot() {
    Given x = given(new double[] {1, 5, 4.9, 3}, 0, 0.1, 0.1, 0.1);
    List<Reference> top = Exact.after(new TopK(1, 4, 4), List.of(x), SumOrder.CANONICAL);
    assertThat(top.getFirst().values()).containsExactly(5, 4.9, 3, 1);
    assertThat(top.getFirst().budgets()).containsExactly(0.1, 0.1, 0.1, 0.1);
    assertThat(top.get(1).values()).containsExactly(1, 2, 3, 0);
    double open = Double.POSITIVE_INFINITY;
    assertThat(top.get(1).budgets()).containsExactly(open, open, 0, 0);
    assertThat(Exact.after(new ArgMax(1, 4), List.of(x), SumOrder.ANY).getFirst().budgets())
        .containsExactly(open);
  }

  /** In a row of one block a number is off by half a step more, and by what it brings along. */
  @Example
  void quantisingAddsToTheError() {
    double[] values = new double[32];
    double[] budgets = new double[32];
    values[0] = 127;
    values[1] = 20;
    budgets[1] = 0.25;
    Given x = given(values, budgets);
    Reference blocks =
        Exact.after(new QuantiseActivations(TensorType.Q8_0, 1, 32), List.of(x), SumOrder.CANONICAL)
            .getFirst();
    assertThat(blocks.values()).isEqualTo(values);
    assertThat(blocks.budgets()[1])
        .as("0.5 + 0.25, and 128 times half a unit in the last place of the scale")
        .isCloseTo(0.75 + 128 * 0x1p-11, within(1e-5));
  }

  /** exp(−100) is infinite: the canonical result is 0, or whatever the error makes of it. */
  @Example
  void siluWhereTheExponentialMayBeInfinite() {
    Given gate = given(new double[] {-100}, 20);
    try (Arena arena = Arena.ofConfined()) {
      Reference y =
          Exact.after(new GatedSilu(1), List.of(gate, stored(arena, 1)), SumOrder.CANONICAL)
              .getFirst();
      assertThat(y.budgets()[0]).isBetween(80 * Math.exp(-80), 30.0);
    }
  }

  @Example
  void bytesThatAreNotKnownAreRefused() {
    try (Arena arena = Arena.ofConfined()) {
      Attention o = new Attention(1, 1, 1, 1, 1, Element.FLOAT32);
      Given x = given(new double[] {1}, 0);
      Given s = stored(arena, 1);
      assertThatThrownBy(() -> Exact.after(o, List.of(x, s, s), SumOrder.ANY))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
