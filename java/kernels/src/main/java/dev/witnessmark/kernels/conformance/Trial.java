package dev.witnessmark.kernels.conformance;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.decode.Decoders;
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
import dev.witnessmark.kernels.operation.GatedSilu;
import dev.witnessmark.kernels.operation.Gather;
import dev.witnessmark.kernels.operation.Judge;
import dev.witnessmark.kernels.operation.MatVecF32;
import dev.witnessmark.kernels.operation.MatVecQ8;
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
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * One line of the kernel test table: an operation of some shape, fed with some pattern.
 *
 * @param operation what is computed
 * @param pattern with which numbers
 */
public record Trial(Operation operation, Pattern pattern) {

  /**
   * Every family with shapes that are not multiples of anything a kernel might work in, times every
   * pattern.
   */
  public static List<Trial> all() {
    return operations()
        .flatMap(o -> Arrays.stream(Pattern.values()).map(pattern -> new Trial(o, pattern)))
        .toList();
  }

  /** The operations of the table. A new kernel is one line. */
  public static Stream<Operation> operations() {
    return Stream.of(
            Arrays.stream(TensorType.values())
                .flatMap(type ->
                    Stream.of(
                        new Dequantise(type, 11L * type.blockElements()),
                        new MatVecF32(type, 5, columns(type, 300), 1),
                        new MatVecF32(type, 2, columns(type, 300), 6),
                        new Gather(type, 7, columns(type, 33), 6))),
            Arrays.stream(TensorType.values())
                .filter(Decoders::hasDerivedBound)
                .map(type -> new RoundingBounds(type, 11L * type.blockElements())),
            MatVecQ8.TYPES.stream()
                .sorted()
                .flatMap(type ->
                    Stream.of(
                        new MatVecQ8(type, 1, type.blockElements(), 1),
                        new MatVecQ8(type, 37, 11 * type.blockElements(), 1),
                        new MatVecQ8(type, 22, 9 * type.blockElements(), 3),
                        new MatVecQ8(type, 13, 17 * type.blockElements(), 11))),
            Stream.of(
                new MatVecF32(TensorType.F32, 3, 1, 2),
                new MatVecF32(TensorType.F16, 9, 1031, 5),
                new MatVecF32(TensorType.Q4_K, 19, 2304, 9),
                new MatVecQ8(TensorType.Q4_K, 530, 256, 8),
                new MatVecQ8(TensorType.Q6_K, 20, 2304, 37),
                new MatVecQ8(TensorType.Q8_0, 18, 2400, 8),
                new MatVecQ8(TensorType.Q8_0, 130, 2400, 66),
                new QuantiseActivations(TensorType.Q8_K, 5, 768),
                new QuantiseActivations(TensorType.Q8_0, 3, 992),
                new RmsNorm(3, 1, 1e-5f),
                new RmsNorm(4, 257, 0),
                new RmsNorm(2, 4099, 1e-6f),
                new Rotary(Rotary.Layout.NEOX, 5, 3, 64, 64),
                new Rotary(Rotary.Layout.NEOX, 3, 2, 70, 34),
                new Rotary(Rotary.Layout.INTERLEAVED, 5, 3, 128, 128),
                new Rotary(Rotary.Layout.INTERLEAVED, 2, 1, 7, 6),
                new Softmax(3, 1),
                new Softmax(5, 257),
                new Softmax(2, 5003),
                new Attention(1, 1, 1, 1, 1, Element.FLOAT32),
                new Attention(1, 8, 2, 64, 129, Element.FLOAT32),
                new Attention(1, 6, 3, 80, 1027, Element.FLOAT32),
                new Attention(7, 4, 4, 32, 7, Element.FLOAT32),
                new Attention(5, 4, 1, 128, 61, Element.FLOAT16),
                new Attention(1, 4, 2, 288, 300, Element.FLOAT16),
                new AttentionScores(1, 1, 1, 1, 1, Element.FLOAT32),
                new AttentionScores(1, 6, 3, 80, 133, Element.FLOAT32),
                new AttentionScores(7, 4, 4, 30, 7, Element.FLOAT32),
                new AttentionScores(5, 10, 2, 64, 61, Element.FLOAT16),
                new AttentionScores(2, 2, 1, 288, 9, Element.FLOAT16),
                new CausalSoftmax(2, 1, 1),
                new CausalSoftmax(3, 7, 7),
                new CausalSoftmax(2, 3, 1031),
                new Silu(1),
                new Silu(5003),
                new GatedSilu(1),
                new GatedSilu(5003),
                new Add(1),
                new Add(5003),
                new AddBias(3, 1),
                new AddBias(5, 1031),
                new AddBias(2, 2052),
                new WeightedSum(2, 1, 1),
                new WeightedSum(3, 5, 517),
                new WeightedSum(2, 3, 1028),
                new ArgMax(3, 1),
                new ArgMax(5, 5003),
                new TopK(3, 1, 1),
                new TopK(4, 5003, 7),
                new TopK(2, 333, 128),
                new ToFloat16(5003),
                new CrushedBlocks(3, 32, 32),
                new CrushedBlocks(5, 1056, 32),
                new CrushedBlocks(3, 2816, 256),
                new Base17(TensorType.F32, 3, 20, 1),
                new Base17(TensorType.F32, 5, 1031, 3),
                new Base17(TensorType.F16, 4, 5, 1),
                new Base17(TensorType.BF16, 5, 4097, 1),
                new Compare(1, 1),
                new Compare(1, 9001),
                new Compare(3, 4096),
                new Compare(37, 17),
                new Compare(2, 4099),
                new Judge(1, 1),
                new Judge(1, 9001),
                new Judge(3, 4096),
                new Judge(37, 17),
                new Judge(2, 4099),
                new Summarise(1),
                new Summarise(9001)))
        .flatMap(operations -> operations);
  }

  /** About {@code wanted} columns, whole blocks. */
  private static int columns(TensorType type, int wanted) {
    return Math.ceilDiv(wanted, type.blockElements()) * type.blockElements();
  }

  @Override
  public String toString() {
    return operation.family().id() + " " + operation.shape() + " " + pattern;
  }
}
