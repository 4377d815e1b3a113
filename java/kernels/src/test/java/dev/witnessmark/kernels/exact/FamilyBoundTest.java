package dev.witnessmark.kernels.exact;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.conformance.Inputs;
import dev.witnessmark.kernels.conformance.Pattern;
import dev.witnessmark.kernels.operation.Attention;
import dev.witnessmark.kernels.operation.AttentionScores;
import dev.witnessmark.kernels.operation.Element;
import dev.witnessmark.kernels.operation.Family;
import dev.witnessmark.kernels.operation.GatedSilu;
import dev.witnessmark.kernels.operation.MatVecF32;
import dev.witnessmark.kernels.operation.MatVecQ8;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.kernels.operation.QuantiseActivations;
import dev.witnessmark.kernels.operation.RmsNorm;
import dev.witnessmark.kernels.operation.Rotary;
import dev.witnessmark.kernels.operation.Silu;
import dev.witnessmark.kernels.operation.Softmax;
import dev.witnessmark.kernels.operation.WeightedSum;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The budgets that are computed keep what the words of {@link Family#bound} promise. */
class FamilyBoundTest {

  private static final double U = 0x1p-24;

  /** What {@link Family#bound} says of result {@code i}. */
  private interface Words {
    double bound(List<MemorySegment> operands, double[] values, int i);
  }

  /** Neither more than the words say, but for second order, nor less than a share of it. */
  private static void agrees(Operation o, double share, Words words) {
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> operands = Inputs.of(o, Pattern.RANDOM, arena);
      Reference reference = Exact.of(o, operands).getFirst();
      for (int i = 0; i < reference.values().length; i++) {
        double said = words.bound(operands, reference.values(), i);
        assertThat(reference.budgets()[i])
            .as("%s, result %d", o, i)
            .isBetween(share * said, 1.0001 * said + 0x1p-140);
      }
    }
  }

  @Test
  void ofNorms() {
    agrees(new RmsNorm(4, 257, 0), 0.8, (m, y, i) -> (1 + 9) * U * Math.abs(y[i]));
    agrees(new RmsNorm(2, 4099, 1e-6f), 0.9, (m, y, i) -> (8.5 + 9) * U * Math.abs(y[i]));
  }

  @Test
  void ofRotations() {
    Rotary o = new Rotary(Rotary.Layout.INTERLEAVED, 5, 3, 128, 128);
    agrees(
        o,
        0.99,
        (m, y, i) -> {
          int table = i / (3 * 128) * 128 + i % 128 / 2 * 2;
          double x1 = Numbers.f32(m.getFirst(), i | 1);
          double factor = Numbers.f32(m.get(1), table + (i % 2 == 0 ? 1 : 0));
          return U * (Math.abs(x1 * factor) + Math.abs(y[i]) + U);
        });
  }

  @Test
  void ofSoftmax() {
    int columns = 5003;
    agrees(
        new Softmax(2, columns),
        0.5,
        (m, p, i) -> {
          int first = i / columns * columns;
          double largest =
              IntStream.range(first, first + columns)
                  .mapToDouble(k -> Numbers.f32(m.getFirst(), k))
                  .max()
                  .orElseThrow();
          double distance = largest - Numbers.f32(m.getFirst(), i);
          return (distance + Math.log(columns) + 20 + 13) * U * p[i];
        });
  }

  @Test
  void ofScores() {
    int size = 300;
    int cached = 40;
    agrees(
        new AttentionScores(1, 2, 1, size, cached, Element.FLOAT32),
        0.8,
        (m, y, i) -> {
          double sum = 0;
          for (int k = 0; k < size; k++) {
            double q = Numbers.f32(m.getFirst(), i / cached * size + k);
            sum += Math.abs(q * Numbers.f32(m.get(1), i % cached * size + k));
          }
          return (2 + 10) * U * sum / Math.sqrt(size);
        });
  }

  @Test
  void ofWeightedSums() {
    agrees(
        new WeightedSum(2, 7, 100),
        0.999,
        (m, y, i) -> {
          double sum = 0;
          for (int j = 0; j < 7; j++) {
            int part = i / 100 * 7 + j;
            double w = Numbers.f32(m.get(1), part);
            sum += Math.abs(w * Numbers.f32(m.getFirst(), part * 100 + i % 100));
          }
          return 7 * U * sum;
        });
  }

  @Test
  void ofSilu() {
    agrees(new Silu(5003), 0.39, (m, y, i) -> 5 * U * Math.abs(y[i]));
    agrees(new GatedSilu(5003), 0.5, (m, y, i) -> 6 * U * Math.abs(y[i]));
  }

  @Test
  void ofProducts() {
    int columns = 1031;
    agrees(
        new MatVecF32(TensorType.F16, 9, columns, 5),
        0.999,
        (m, y, i) -> {
          double sum = 0;
          for (int k = 0; k < columns; k++) {
            double w = Numbers.f16(m.getFirst(), i % 9 * columns + k);
            sum += Math.abs(w * Numbers.f32(m.get(1), i / 9 * columns + k));
          }
          return (5 + 8) * U * sum;
        });
    int blocks = 35;
    agrees(
        new MatVecQ8(TensorType.Q8_0, 7, blocks * 32, 2),
        0.6, // an integer below 2²⁴ is not rounded, nor is a product of float16
        (m, y, i) -> {
          double sum = 0;
          for (int b = 0; b < blocks; b++) {
            long w = (i % 7 * blocks + b) * 34L;
            long x = (i / 7 * blocks + b) * 34L;
            double dot = 0;
            for (int e = 0; e < 32; e++) {
              dot += Numbers.i8At(m.getFirst(), w + 2 + e) * Numbers.i8At(m.get(1), x + 2 + e);
            }
            sum += Math.abs(dot * Numbers.f16At(m.getFirst(), w) * Numbers.f16At(m.get(1), x));
          }
          return (5 + 5) * U * sum;
        });
  }

  @Test
  void ofAttention() {
    int size = 80;
    int cached = 200;
    agrees(
        new Attention(1, 2, 1, size, cached, Element.FLOAT32),
        0.1, // the words take the largest error for all
        (m, o, i) -> {
          double[] scores = new double[cached];
          double magnitude = 0;
          for (int j = 0; j < cached; j++) {
            double sum = 0;
            for (int k = 0; k < size; k++) {
              double product =
                  (double) Numbers.f32(m.getFirst(), i / size * size + k)
                      * Numbers.f32(m.get(1), j * size + k);
              scores[j] += product / Math.sqrt(size);
              sum += Math.abs(product) / Math.sqrt(size);
            }
            magnitude = Math.max(magnitude, sum);
          }
          double largest =
              IntStream.range(0, cached).mapToDouble(j -> scores[j]).max().orElseThrow();
          double least = IntStream.range(0, cached).mapToDouble(j -> scores[j]).min().orElseThrow();
          double total = 0;
          double weighted = 0;
          for (int j = 0; j < cached; j++) {
            double p = Math.exp(scores[j] - largest);
            total += p;
            weighted += p * Math.abs(Numbers.f32(m.get(2), j * size + i % size));
          }
          double count = 2 * 11 * magnitude + largest - least + Math.log(cached) + 25 + 1 + 16;
          return count * U * weighted / total;
        });
  }

  @Test
  void ofQuantisation() {
    agrees(
        new QuantiseActivations(TensorType.Q8_K, 5, 768),
        0.99,
        (m, x, i) -> largest(x, i, 256) / 254 + 3.1 * U * largest(x, i, 256));
    agrees(
        new QuantiseActivations(TensorType.Q8_0, 3, 992),
        0.99,
        (m, x, i) -> {
          double d = largest(x, i, 32) / 127 * (1 + 4 * U);
          return d / 2
              + 3 * U * Math.abs(x[i])
              + (Math.abs(x[i]) / d + 1) * Math.max(0x1p-11 * d, 0x1p-25);
        });
  }

  private static double largest(double[] x, int i, int block) {
    return IntStream.range(i / block * block, i / block * block + block)
        .mapToDouble(k -> Math.abs(x[k]))
        .max()
        .orElseThrow();
  }
}
