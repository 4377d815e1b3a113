package dev.witnessmark.parity.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.inference.Call;
import dev.witnessmark.inference.StageTensor;
import dev.witnessmark.kernels.exact.SumOrder;
import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.kernels.operation.Add;
import dev.witnessmark.kernels.operation.Element;
import dev.witnessmark.kernels.operation.MatVecQ8;
import dev.witnessmark.kernels.operation.Pool;
import dev.witnessmark.kernels.operation.QuantiseActivations;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.parity.budget.BudgetRunner.Codes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BudgetRunnerTest {

  private static final int COLUMNS = 32;

  private final HostDevice device = HostDevice.best();
  private final Pool<MemorySegment> pool = device.pool();

  @AfterEach
  void close() {
    pool.close();
  }

  private BudgetRunner runner(Codes codes) {
    return new BudgetRunner(device, SumOrder.ANY, codes, List::of);
  }

  private MemorySegment floats(float... values) {
    MemorySegment memory = pool.allocate((long) values.length * Float.BYTES);
    MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_FLOAT, 0, values.length);
    return memory;
  }

  private StageTensor<MemorySegment> tensor(Stage stage, MemorySegment... parts) {
    return new StageTensor<>(
        StageKey.of(stage, 0),
        new Call(1, 0, Element.FLOAT32),
        List.of(parts).stream()
            .map(part ->
                new StageTensor.Part<>(
                    part, 1, (int) (part.byteSize() / Float.BYTES), Element.FLOAT32))
            .toList(),
        device);
  }

  /** A bias that only queries have: the others' products are copied. */
  @Test
  void whatWasCopiedIsAsItShouldBe() {
    BudgetRunner runner = runner(Codes.AS_STORED);
    MemorySegment sum = floats(0, 0);
    StageKey key = StageKey.of(Stage.QKV_BIAS, 0);
    runner.run(key, new Add(2), List.of(floats(1, 2), floats(0x1p-30f, 3), sum));
    Bounds bounds = runner.bounds(tensor(Stage.QKV_BIAS, sum, floats(7))).orElseThrow();
    assertThat(bounds.values()).containsExactly(1 + 0x1p-30, 5, 7);
    assertThat(bounds.budgets()[0]).isPositive();
    assertThat(bounds.budgets()[2]).isZero();
  }

  /** The largest activation is 127 codes; 0.4 is less than half of one. */
  @Test
  void quantisingCountsWhereTheBudgetIsOfActivations() {
    Bounds stored = product(Codes.AS_STORED, 127);
    Bounds real = product(Codes.OF_ACTIVATIONS, 127);
    assertThat(stored.values()[0]).isZero();
    assertThat(real.values()[0]).isEqualTo(0.2, within(1e-7));
    assertThat(stored.budgets()[0]).isLessThan(1e-5);
    assertThat(real.budgets()[0]).isBetween(0.2, 0.3);
  }

  /** The largest value is 127/0.4 times the second. */
  @Test
  void aCrushedBlockGetsTheBudgetThatItWouldHaveWithoutItsOutlier() {
    double usual = product(Codes.OF_ACTIVATIONS, 127).budgets()[0];
    assertThat(product(Codes.OF_ACTIVATIONS, 0).budgets()[0])
        .isEqualTo(usual / (127 / 0.4), within(1e-8));
  }

  /**
   * One row of Q8_0, all codes 0 but the second, with the scale ½, times (127, 0.4, other, 0 …).
   */
  private Bounds product(Codes codes, float other) {
    MatVecQ8 product = new MatVecQ8(TensorType.Q8_0, 1, COLUMNS, 1);
    MemorySegment weights = pool.allocate(TensorType.Q8_0.bytes(COLUMNS));
    weights.set(ValueLayout.JAVA_SHORT_UNALIGNED, 0, Float.floatToFloat16(0.5f));
    weights.set(ValueLayout.JAVA_BYTE, 3, (byte) 1);
    float[] x = new float[COLUMNS];
    x[0] = 127;
    x[1] = 0.4f;
    x[2] = other;
    QuantiseActivations quantise = new QuantiseActivations(product.activationType(), 1, COLUMNS);
    MemorySegment blocks = pool.allocate(quantise.operands().getLast().bytes());
    MemorySegment result = floats(0);
    BudgetRunner runner = runner(codes);
    StageKey key = StageKey.of(Stage.FFN_OUT, 0);
    runner.run(key, quantise, List.of(floats(x), blocks));
    runner.run(key, product, List.of(weights, blocks, result));
    return runner.bounds(tensor(Stage.FFN_OUT, result)).orElseThrow();
  }
}
