package dev.witnessmark.explain.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.witnessmark.compare.match.Operand;
import dev.witnessmark.explain.algebra.DenseMatrix;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.testing.GgufBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How much of a delta is rounding, held against deltas that are known before they are stored. */
class DeltaSizeTest {

  private static final int ORDER = 256;

  /** Of weights, as models have it. */
  private static final double WEIGHTS = 0.03;

  @TempDir private Path folder;

  private final SplittableRandom random = new SplittableRandom(11);
  private final float[] base = new float[ORDER * ORDER];

  @BeforeEach
  void draw() {
    for (int i = 0; i < base.length; i++) {
      base[i] = (float) (WEIGHTS * random.nextGaussian());
    }
  }

  private float[] tuned(double size) {
    float[] tuned = base.clone();
    for (int i = 0; i < tuned.length; i++) {
      tuned[i] += (float) (size * random.nextGaussian());
    }
    return tuned;
  }

  private Path write(String name, TensorType type, byte[] bytes) throws IOException {
    ByteBuffer embedding = ByteBuffer.allocate(ORDER * ORDER * Float.BYTES);
    return Files.write(
        folder.resolve(name),
        new GgufBuilder()
            .text("general.architecture", "qwen2")
            .tensor("token_embd.weight", TensorType.F32, embedding.array(), ORDER, ORDER)
            .tensor("blk.0.attn_output.weight", type, bytes, ORDER, ORDER)
            .build());
  }

  private static byte[] stored(TensorType type, float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate((int) type.bytes(values.length)).order(ByteOrder.LITTLE_ENDIAN);
    switch (type) {
      case F32 -> bytes.asFloatBuffer().put(values);
      case F16 -> {
        for (float value : values) {
          bytes.putShort(Float.floatToFloat16(value));
        }
      }
      case BF16 -> {
        for (float value : values) {
          bytes.putShort((short) (Float.floatToRawIntBits(bfloat16(value)) >>> 16));
        }
      }
      case Q8_0 -> {
        for (int block = 0; block < values.length; block += 32) {
          float largest = 0;
          for (int i = 0; i < 32; i++) {
            largest = Math.max(largest, Math.abs(values[block + i]));
          }
          bytes.putShort(Float.floatToFloat16(largest / 127));
          for (int i = 0; i < 32; i++) {
            bytes.put((byte) Math.round(values[block + i] * 127 / largest));
          }
        }
      }
      default -> throw new IllegalArgumentException(type.name());
    }
    return bytes.array();
  }

  /** The nearest BF16 number, ties to even. */
  private static float bfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    int rounded = bits + 0x7fff + ((bits >>> 16) & 1);
    return Float.intBitsToFloat(rounded & 0xffff0000);
  }

  private record Shares(DeltaSize size, double truth) {}

  /** The estimate, and the energy of what storing changed in the delta, over the stored one's. */
  private Shares shares(TensorType type, float[] before, float[] after) throws IOException {
    Path one = write("base.gguf", type, stored(type, before));
    Path other = write("tuned.gguf", type, stored(type, after));
    try (Operand left = Operand.open(one.toString(), Limits.DEFAULT);
        Operand right = Operand.open(other.toString(), Limits.DEFAULT)) {
      TensorDelta delta =
          Tuning.of(left, right).deltas().stream()
              .filter(TensorDelta::isWriter)
              .findFirst()
              .orElseThrow();
      DenseMatrix stored = delta.delta().block(0, ORDER, 0, ORDER);
      double wrong = 0;
      for (int i = 0; i < before.length; i++) {
        double true_ = (double) after[i] - before[i];
        wrong += Math.pow(stored.values()[i] - true_, 2);
      }
      return new Shares(DeltaSize.of(delta), wrong / stored.squaredNorm());
    }
  }

  /** A model trained in BF16 and stored in it again: only the second storing rounds. */
  @Test
  void brainFloatsFromBrainFloats() throws IOException {
    for (int i = 0; i < base.length; i++) {
      base[i] = bfloat16(base[i]);
    }
    Shares shares = shares(TensorType.BF16, base, tuned(4e-4));
    assertThat(shares.truth()).isBetween(0.01, 0.03);
    assertThat(shares.size().roundingShare() / shares.truth()).isCloseTo(1, within(0.1));
    assertThat(shares.size().relative()).isCloseTo(4e-4 / WEIGHTS, within(5e-4));
  }

  @Test
  void halfFloatsOnBothSides() throws IOException {
    Shares shares = shares(TensorType.F16, base, tuned(4e-5));
    assertThat(shares.truth()).isBetween(0.02, 0.08);
    assertThat(shares.size().roundingShare() / shares.truth()).isCloseTo(1, within(0.1));
  }

  /** Values at the ends of a block's range may have been clipped, which the bounds allow for. */
  @Test
  void quantisedOnBothSides() throws IOException {
    Shares large = shares(TensorType.Q8_0, base, tuned(4e-4));
    assertThat(large.truth()).isBetween(0.15, 0.35);
    assertThat(large.size().roundingShare() / large.truth()).isBetween(0.9, 1.5);
    Shares small = shares(TensorType.Q8_0, base, tuned(4e-5));
    assertThat(small.truth()).isGreaterThan(0.9);
    assertThat(small.size().roundingShare()).isGreaterThan(0.9);
  }

  @Test
  void floatsAreAsGoodAsExact() throws IOException {
    Shares shares = shares(TensorType.F32, base, tuned(4e-4));
    assertThat(shares.truth()).isZero();
    assertThat(shares.size().roundingShare()).isLessThan(1e-9);
  }

  /** Rounding of both sides has a largest singular value, which the edge is just above. */
  @Test
  void theEdgeIsAboveWhatRoundingReaches() throws IOException {
    Shares shares = shares(TensorType.F16, base, tuned(4e-5));
    double rounding = Math.sqrt(shares.size().rounding());
    // Of noise of one variance it is twice that over √n; of unequal ones, larger.
    assertThat(shares.size().noiseEdge() / (2 * rounding / Math.sqrt(ORDER))).isBetween(1.0, 1.5);
  }
}
