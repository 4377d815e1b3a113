package dev.witnessmark.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.VectorWidth;
import dev.witnessmark.kernels.conformance.Conformance;
import dev.witnessmark.kernels.conformance.Pattern;
import dev.witnessmark.kernels.conformance.Trial;
import dev.witnessmark.kernels.operation.Add;
import dev.witnessmark.kernels.operation.AddBias;
import dev.witnessmark.kernels.operation.ArgMax;
import dev.witnessmark.kernels.operation.Attention;
import dev.witnessmark.kernels.operation.AttentionScores;
import dev.witnessmark.kernels.operation.Base17;
import dev.witnessmark.kernels.operation.CausalSoftmax;
import dev.witnessmark.kernels.operation.Compare;
import dev.witnessmark.kernels.operation.CrushedBlocks;
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
import dev.witnessmark.kernels.testing.GoldenCase;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("width")
class HostVectorTest {

  static Stream<GoldenCase> golden() {
    return GoldenCase.all();
  }

  /** One operation for every loop, of a shape that goes through each more than once. */
  static Stream<Operation> everyLoop() {
    return Stream.concat(
        MatVecQ8.TYPES.stream()
            .sorted()
            .map(type -> new MatVecQ8(type, 19, 24 * type.blockElements(), 2)),
        Stream.of(
            new MatVecQ8(TensorType.Q4_K, 2, 269 * 256, 2),
            new MatVecQ8(TensorType.Q8_0, 2, 269 * 32, 2),
            new MatVecF32(TensorType.F32, 2, 5000, 2),
            new MatVecF32(TensorType.Q4_K, 3, 4864, 2),
            new QuantiseActivations(TensorType.Q8_K, 2, 1024),
            new QuantiseActivations(TensorType.Q8_0, 2, 1024),
            new RmsNorm(2, 1100, 1e-5f),
            new Softmax(2, 1100),
            new Rotary(Rotary.Layout.NEOX, 3, 2, 128, 128),
            new Rotary(Rotary.Layout.INTERLEAVED, 3, 2, 128, 128),
            new Attention(2, 4, 2, 300, 90, Element.FLOAT32),
            new Attention(2, 4, 2, 128, 90, Element.FLOAT16),
            new AttentionScores(2, 4, 2, 300, 90, Element.FLOAT32),
            new AttentionScores(2, 4, 2, 128, 90, Element.FLOAT16),
            new CausalSoftmax(2, 3, 1100),
            new Silu(9000),
            new GatedSilu(9000),
            new Add(9000),
            new AddBias(3, 1100),
            new WeightedSum(2, 4, 1100),
            new ArgMax(2, 3000),
            new TopK(2, 3000, 40),
            new ToFloat16(3000),
            new CrushedBlocks(2, 1024, 256),
            new Gather(TensorType.Q4_K, 5, 512, 3),
            new Base17(TensorType.BF16, 2, 9001, 2),
            new Compare(3, 9001),
            new RoundingBounds(TensorType.Q4_K, 9216),
            new Judge(3, 9001),
            new Summarise(9001)));
  }

  @Test
  void vectorsAreUsed() {
    assertThat(HostDevice.best().name()).isEqualTo("cpu vector-" + VectorWidth.bits());
    assertThat(HostDevice.all()).extracting(HostDevice::name).startsWith("cpu scalar").hasSize(2);
  }

  @ParameterizedTest
  @MethodSource("golden")
  void resultsAreGolden(GoldenCase golden) {
    assertThat(golden.check(HostDevice.best())).isEmpty();
  }

  @Test
  void bitsAreThoseOfTheOracleOnTheWholeTable() {
    HostDevice device = HostDevice.best();
    assertThat(Trial.all())
        .allSatisfy(trial -> assertThat(Conformance.check(trial, device)).isEmpty());
  }

  @ParameterizedTest
  @MethodSource("everyLoop")
  void bitsAreThoseOfTheOracleInEveryLoop(Operation operation) {
    assertThat(Conformance.check(new Trial(operation, Pattern.CANCELLING), HostDevice.best()))
        .isEmpty();
  }
}
