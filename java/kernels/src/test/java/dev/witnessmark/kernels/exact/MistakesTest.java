package dev.witnessmark.kernels.exact;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.conformance.Inputs;
import dev.witnessmark.kernels.conformance.Pattern;
import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.kernels.operation.Add;
import dev.witnessmark.kernels.operation.AddBias;
import dev.witnessmark.kernels.operation.ArgMax;
import dev.witnessmark.kernels.operation.Attention;
import dev.witnessmark.kernels.operation.AttentionScores;
import dev.witnessmark.kernels.operation.Base17;
import dev.witnessmark.kernels.operation.CausalSoftmax;
import dev.witnessmark.kernels.operation.Compare;
import dev.witnessmark.kernels.operation.CrushedBlocks;
import dev.witnessmark.kernels.operation.Dequantise;
import dev.witnessmark.kernels.operation.Element;
import dev.witnessmark.kernels.operation.Family;
import dev.witnessmark.kernels.operation.GatedSilu;
import dev.witnessmark.kernels.operation.Gather;
import dev.witnessmark.kernels.operation.Judge;
import dev.witnessmark.kernels.operation.MatVecF32;
import dev.witnessmark.kernels.operation.MatVecQ8;
import dev.witnessmark.kernels.operation.Operand;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.kernels.operation.QuantiseActivations;
import dev.witnessmark.kernels.operation.RmsNorm;
import dev.witnessmark.kernels.operation.Rotary;
import dev.witnessmark.kernels.operation.RoundingBounds;
import dev.witnessmark.kernels.operation.Silu;
import dev.witnessmark.kernels.operation.Softmax;
import dev.witnessmark.kernels.operation.Summarise;
import dev.witnessmark.kernels.operation.ToFloat16;
import dev.witnessmark.kernels.operation.TopK;
import dev.witnessmark.kernels.operation.WeightedSum;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Kernels that compute nearly the right thing, and are found out. */
class MistakesTest {

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

  /**
   * A kernel with a mistake, as the right one that is fed wrong operands or whose results are
   * changed.
   *
   * @param name what is wrong
   * @param operation what it should compute
   * @param pattern with which numbers
   * @param before what is changed in the operands before it runs
   * @param after what is changed in them when it has run
   */
  record Mistake(
      String name,
      Operation operation,
      Pattern pattern,
      Consumer<List<MemorySegment>> before,
      Consumer<List<MemorySegment>> after) {

    static Mistake fed(String name, Operation operation, Consumer<List<MemorySegment>> before) {
      return new Mistake(name, operation, Pattern.RANDOM, before, operands -> {});
    }

    static Mistake changed(
        String name, Operation operation, Pattern pattern, Consumer<List<MemorySegment>> after) {
      return new Mistake(name, operation, pattern, operands -> {}, after);
    }

    @Override
    public String toString() {
      return operation.family().id() + ": " + name;
    }
  }

  static Stream<Mistake> mistakes() {
    MatVecQ8 q4k = new MatVecQ8(TensorType.Q4_K, 5, 11 * 256, 1);
    MatVecQ8 q6k = new MatVecQ8(TensorType.Q6_K, 5, 11 * 256, 1);
    MatVecQ8 q80 = new MatVecQ8(TensorType.Q8_0, 5, 11 * 32, 1);
    Attention decode = new Attention(1, 4, 2, 64, 129, Element.FLOAT32);
    return Stream.of(
        Mistake.fed(
            "last block is missing", q4k, m -> m.get(1).asSlice(10 * 292, 292).fill((byte) 0)),
        Mistake.fed("scale and minimum are swapped", q4k, m -> swapHalves(m.getFirst(), 144, 0, 2)),
        Mistake.fed("minima have the wrong sign", q4k, m -> negateHalves(m.getFirst(), 144, 2)),
        Mistake.fed("sums of the next block", q4k, m -> rotateSums(m.get(1))),
        Mistake.fed("scale of the next block", q6k, m -> swapHalves(m.getFirst(), 210, 208, 418)),
        Mistake.fed("one code is off by one", q80, m -> increment(m.getFirst(), 2 + 34 * 7 + 5)),
        Mistake.fed(
            "last column is missing",
            new MatVecF32(TensorType.F32, 3, 301, 1),
            m -> m.get(1).setAtIndex(FLOAT, 300, 0)),
        Mistake.fed(
            "last column is missing",
            new RmsNorm(2, 4099, 1e-6f),
            m -> m.getFirst().setAtIndex(FLOAT, 4098, 0)),
        Mistake.changed(
            "ε is missing",
            new RmsNorm(2, 64, 1e-3f),
            Pattern.RANDOM,
            m -> HostDevice.scalar().run(new RmsNorm(2, 64, 0), m)),
        Mistake.changed(
            "the other layout",
            new Rotary(Rotary.Layout.NEOX, 2, 3, 64, 64),
            Pattern.RANDOM,
            m -> HostDevice.scalar().run(new Rotary(Rotary.Layout.INTERLEAVED, 2, 3, 64, 64), m)),
        Mistake.fed(
            "turned backwards",
            new Rotary(Rotary.Layout.NEOX, 2, 3, 64, 64),
            m -> negateEverySecond(m.get(1))),
        Mistake.fed(
            "last score is missing",
            new Softmax(1, 5003),
            m -> m.getFirst().setAtIndex(FLOAT, 5002, Float.NEGATIVE_INFINITY)),
        Mistake.fed("newest key is not seen", decode, m -> copyPosition(m.get(1), 127, 128)),
        Mistake.fed("newest value is not seen", decode, m -> copyPosition(m.get(2), 127, 128)),
        Mistake.fed("key/value heads are swapped", decode, m -> swapHeads(m.get(2))),
        Mistake.changed(
            "the scale is missing",
            decode,
            Pattern.RANDOM,
            m -> {
              MemorySegment q = m.getFirst();
              for (long i = 0; i < q.byteSize() / 4; i++) {
                q.setAtIndex(FLOAT, i, q.getAtIndex(FLOAT, i) * 8);
              }
              HostDevice.scalar().run(decode, m);
              for (long i = 0; i < q.byteSize() / 4; i++) {
                q.setAtIndex(FLOAT, i, q.getAtIndex(FLOAT, i) / 8);
              }
            }),
        Mistake.fed(
            "key/value heads are swapped",
            new AttentionScores(2, 4, 2, 64, 29, Element.FLOAT32),
            m -> swapHeads(m.get(1))),
        Mistake.changed(
            "the future is seen",
            new AttentionScores(2, 1, 1, 64, 2, Element.FLOAT32),
            Pattern.RANDOM,
            m -> m.get(2).setAtIndex(FLOAT, 1, m.get(2).getAtIndex(FLOAT, 3))),
        Mistake.changed(
            "the future is seen",
            new CausalSoftmax(2, 3, 40),
            Pattern.RANDOM,
            m -> HostDevice.scalar().run(new Softmax(6, 40), m)),
        Mistake.changed(
            "the sigmoid alone",
            new Silu(100),
            Pattern.RANDOM,
            m -> {
              for (long i = 0; i < 100; i++) {
                float y = m.get(1).getAtIndex(FLOAT, i) / m.getFirst().getAtIndex(FLOAT, i);
                m.get(1).setAtIndex(FLOAT, i, y);
              }
            }),
        Mistake.fed(
            "gate and up are swapped",
            new GatedSilu(100),
            m -> {
              byte[] gate = m.getFirst().toArray(ValueLayout.JAVA_BYTE);
              m.getFirst().copyFrom(m.get(1));
              m.get(1).copyFrom(MemorySegment.ofArray(gate));
            }),
        Mistake.fed("a twice", new Add(100), m -> m.get(1).copyFrom(m.getFirst())),
        Mistake.changed(
            "the bias of the first row only",
            new AddBias(3, 50),
            Pattern.RANDOM,
            m -> m.get(2).asSlice(200).copyFrom(m.getFirst().asSlice(200))),
        Mistake.fed(
            "the last vector is missing",
            new WeightedSum(2, 4, 50),
            m -> m.get(1).setAtIndex(FLOAT, 7, 0)),
        Mistake.fed(
            "the last block is missing",
            new CrushedBlocks(1, 96, 32),
            m -> m.getFirst().setAtIndex(FLOAT, 95, 1e4f)),
        Mistake.changed(
            "one code is off by one",
            new Dequantise(TensorType.Q6_K, 512),
            Pattern.RANDOM,
            m -> {
              increment(m.getFirst(), 210 + 3);
              HostDevice.scalar().run(new Dequantise(TensorType.Q6_K, 512), m);
              decrement(m.getFirst(), 210 + 3);
            }),
        Mistake.fed(
            "the next row",
            new Gather(TensorType.F16, 7, 33, 6),
            m -> {
              int row = m.get(1).getAtIndex(ValueLayout.JAVA_INT, 5);
              m.get(1).setAtIndex(ValueLayout.JAVA_INT, 5, (row + 1) % 7);
            }),
        Mistake.changed(
            "zeros for a token that is not in the table",
            new Gather(TensorType.F16, 7, 33, 6),
            Pattern.NON_FINITE,
            m -> m.get(2).asSlice(0, 33 * 4).fill((byte) 0)),
        Mistake.changed(
            "the last of the largest",
            new ArgMax(5, 5003),
            Pattern.TIES,
            m -> m.get(1).setAtIndex(ValueLayout.JAVA_INT, 4, 5002)),
        Mistake.changed(
            "two places are swapped",
            new TopK(4, 500, 7),
            Pattern.TIES,
            m -> {
              int first = m.get(2).getAtIndex(ValueLayout.JAVA_INT, 0);
              m.get(2)
                  .setAtIndex(
                      ValueLayout.JAVA_INT, 0, m.get(2).getAtIndex(ValueLayout.JAVA_INT, 1));
              m.get(2).setAtIndex(ValueLayout.JAVA_INT, 1, first);
            }),
        Mistake.changed(
            "cut off instead of rounded",
            new ToFloat16(100),
            Pattern.RANDOM,
            m -> {
              for (long i = 0; i < 100; i++) {
                float cut =
                    Float.intBitsToFloat(
                        m.getFirst().getAtIndex(ValueLayout.JAVA_INT, i) & ~0x1fff);
                m.get(1).setAtIndex(SHORT, i, Float.floatToFloat16(cut));
              }
            }),
        Mistake.changed(
            "one code is off by one",
            new QuantiseActivations(TensorType.Q8_0, 1, 64),
            Pattern.RANDOM,
            m -> increment(m.get(1), 34 + 7)),
        Mistake.changed(
            "one code is off by one",
            new QuantiseActivations(TensorType.Q8_K, 1, 256),
            Pattern.RANDOM,
            m -> increment(m.get(1), 4 + 7)),
        Mistake.changed(
            "one sum is off by one",
            new QuantiseActivations(TensorType.Q8_K, 1, 256),
            Pattern.RANDOM,
            m -> increment(m.get(1), 260 + 8)),
        Mistake.changed(
            "one mean is off by one",
            new Base17(TensorType.F32, 3, 1031, 1),
            Pattern.RANDOM,
            m -> increment(m.get(1), 2 * 20)),
        Mistake.fed(
            "last pair is missing",
            new Compare(1, 4100),
            m -> m.get(1).setAtIndex(FLOAT, 4099, m.getFirst().getAtIndex(FLOAT, 4099))),
        Mistake.changed(
            "a bound is that of the next float",
            new RoundingBounds(TensorType.Q4_K, 512),
            Pattern.RANDOM,
            m -> increment(m.get(1), 4 * 300)),
        Mistake.fed(
            "the bounds of one side are missing", new Judge(1, 4100), m -> m.get(3).fill((byte) 0)),
        Mistake.fed(
            "two values are swapped",
            new Summarise(4100),
            m -> swapBytes(m.getFirst().asSlice(40, 4), m.getFirst().asSlice(104, 4))));
  }

  @Test
  void everyFamilyHasAMistake() {
    assertThat(mistakes().map(mistake -> mistake.operation().family())).contains(Family.values());
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void isOutsideOfItsBudget(Mistake mistake) {
    isOutsideOfItsBudget(mistake, SumOrder.CANONICAL);
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void isOutsideOfTheBudgetOfAnyOrder(Mistake mistake) {
    isOutsideOfItsBudget(mistake, SumOrder.ANY);
  }

  private static void isOutsideOfItsBudget(Mistake mistake, SumOrder order) {
    try (Arena arena = Arena.ofConfined()) {
      Operation o = mistake.operation();
      List<MemorySegment> right = Inputs.of(o, mistake.pattern(), arena);
      HostDevice.scalar().run(o, right);
      assertThat(Exact.judge(o, right, order)).allMatch(Judgement::within);

      List<MemorySegment> wrong = Inputs.of(o, mistake.pattern(), arena);
      mistake.before().accept(wrong);
      HostDevice.scalar().run(o, wrong);
      mistake.after().accept(wrong);
      assertThat(Exact.judge(o, withInputs(o, right, wrong), order))
          .anyMatch(judgement -> judgement.outside() > 0 && judgement.used() > 1);
    }
  }

  private static List<MemorySegment> withInputs(
      Operation o, List<MemorySegment> inputs, List<MemorySegment> outputs) {
    List<MemorySegment> operands = new ArrayList<>(outputs);
    for (int i = 0; i < operands.size(); i++) {
      if (o.operands().get(i).direction() == Operand.Direction.IN) {
        operands.set(i, inputs.get(i));
      }
    }
    return operands;
  }

  private static void swapHalves(MemorySegment blocks, int period, int first, int second) {
    for (long at = 0; at + Math.max(period, second + 2) <= blocks.byteSize(); at += period) {
      short kept = blocks.get(SHORT, at + first);
      blocks.set(SHORT, at + first, blocks.get(SHORT, at + second));
      blocks.set(SHORT, at + second, kept);
    }
  }

  private static void negateHalves(MemorySegment blocks, int period, int field) {
    for (long at = field; at < blocks.byteSize(); at += period) {
      blocks.set(SHORT, at, (short) (blocks.get(SHORT, at) ^ 0x8000));
    }
  }

  private static void rotateSums(MemorySegment blocks) {
    for (long at = 260; at + 2 * 292 <= blocks.byteSize() + 32; at += 292) {
      swapBytes(blocks.asSlice(at, 32), blocks.asSlice(at + 292, 32));
    }
  }

  private static void negateEverySecond(MemorySegment floats) {
    for (long i = 1; i < floats.byteSize() / Float.BYTES; i += 2) {
      floats.setAtIndex(FLOAT, i, -floats.getAtIndex(FLOAT, i));
    }
  }

  private static void copyPosition(MemorySegment cache, int from, int to) {
    long bytes = 2 * 64 * Float.BYTES;
    cache.asSlice(to * bytes, bytes).copyFrom(cache.asSlice(from * bytes, bytes));
  }

  private static void swapHeads(MemorySegment cache) {
    long bytes = 64 * Float.BYTES;
    for (long at = 0; at < cache.byteSize(); at += 2 * bytes) {
      swapBytes(cache.asSlice(at, bytes), cache.asSlice(at + bytes, bytes));
    }
  }

  private static void swapBytes(MemorySegment first, MemorySegment second) {
    byte[] kept = first.toArray(ValueLayout.JAVA_BYTE);
    first.copyFrom(second);
    second.copyFrom(MemorySegment.ofArray(kept));
  }

  private static void increment(MemorySegment bytes, long at) {
    bytes.set(ValueLayout.JAVA_BYTE, at, (byte) (bytes.get(ValueLayout.JAVA_BYTE, at) + 1));
  }

  private static void decrement(MemorySegment bytes, long at) {
    bytes.set(ValueLayout.JAVA_BYTE, at, (byte) (bytes.get(ValueLayout.JAVA_BYTE, at) - 1));
  }
}
