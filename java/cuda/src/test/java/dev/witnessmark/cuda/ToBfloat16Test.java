package dev.witnessmark.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.cuda.driver.DeviceMemory;
import dev.witnessmark.cuda.driver.KernelModule;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.conformance.Inputs;
import dev.witnessmark.kernels.conformance.Pattern;
import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.kernels.operation.Dequantise;
import dev.witnessmark.kernels.operation.Pool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What tensor cores are given: the canonical decoder's numbers, rounded to bfloat16, to the bit.
 */
@Tag("device")
class ToBfloat16Test {

  private static final short POISON = 0x5a5a;

  @SuppressWarnings("NullAway.Init") // Set before the first test.
  private static CudaDevice device;

  @SuppressWarnings("NullAway.Init") // Set before the first test.
  private static KernelModule module;

  @BeforeAll
  static void open() {
    device = TestCudaDevice.open();
    byte[] image = device.images().find("to_bfloat16").orElseThrow();
    module = device.context().load("to_bfloat16", MemorySegment.ofArray(image));
  }

  @AfterAll
  static void close() {
    module.close();
    device.close();
  }

  /** The nearer of the two neighbours; of two equally near ones that with an even last bit. */
  private static float rounded(float x) {
    int down = Float.floatToIntBits(x) & 0xffff0000;
    float lower = Float.intBitsToFloat(down);
    float upper = Float.intBitsToFloat(down + 0x10000);
    if (Float.isNaN(x) || x == lower) {
      return x;
    }
    double end = Float.isInfinite(upper) ? Math.copySign(0x1p128, x) : upper;
    int nearer = Double.compare(Math.abs(x - (double) lower), Math.abs(end - x));
    boolean even = (down >> 16 & 1) == 0;
    return nearer < 0 || (nearer == 0 && even) ? lower : upper;
  }

  /** Rounds {@code elements} and returns them with one number more, which is not to be written. */
  private static short[] run(TensorType type, MemorySegment stored, int elements) {
    short[] numbers = new short[elements + 1];
    numbers[elements] = POISON;
    MemorySegment results = MemorySegment.ofArray(numbers);
    try (Pool<DeviceMemory> pool = device.pool()) {
      DeviceMemory from = pool.allocate(stored.byteSize());
      DeviceMemory to = pool.allocate(results.byteSize());
      device.upload(stored, from);
      device.upload(results, to);
      Plan plan =
          new Plan(
              List.of(
                  Plan.rounding(
                      type,
                      elements,
                      new Plan.Piece(0, 0, stored.byteSize()),
                      new Plan.Piece(1, 0, results.byteSize()))),
              0);
      device.run(
          device.prepare(
              new Dequantise(type, elements), plan, launch -> module.kernel(launch.kernel())),
          List.of(from, to));
      device.download(to, results);
    }
    return numbers;
  }

  private static void check(TensorType type, MemorySegment stored, MemorySegment decoded) {
    int elements = Math.toIntExact(decoded.byteSize() / Float.BYTES);
    short[] numbers = run(type, stored, elements);
    for (int i = 0; i < elements; i++) {
      float expected = rounded(decoded.getAtIndex(ValueLayout.JAVA_FLOAT, i));
      // All NaN are equal to floatToIntBits.
      assertThat(Float.floatToIntBits(Float.intBitsToFloat(numbers[i] << 16)))
          .as("element %d", i)
          .isEqualTo(Float.floatToIntBits(expected));
    }
    assertThat(numbers[elements]).as("what follows them").isEqualTo(POISON);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BF16")
  void everyTypeIsDecodedAndRounded(TensorType type) {
    Dequantise decoding =
        new Dequantise(type, type.blockElements() == 1 ? 1003 : 5L * type.blockElements());
    for (Pattern pattern : Pattern.values()) {
      try (Arena arena = Arena.ofConfined()) {
        List<MemorySegment> operands = Inputs.of(decoding, pattern, arena);
        HostDevice.scalar().run(decoding, operands);
        check(type, operands.getFirst(), operands.getLast());
      }
    }
  }

  @Test
  void edgesOfRounding() {
    float[] edges = {
      0x1.01p0f, // halfway, down to even
      0x1.03p0f, // halfway, up to even
      0x1.01p0f + 0x1p-23f,
      0x1.03p0f - 0x1p-23f,
      -0x1.01p0f,
      -0x1.03p0f,
      0x1.ffp0f, // up to the next power of two
      Float.MAX_VALUE, // up to infinity
      -Float.MAX_VALUE,
      0x1.fep127f,
      0x1.feffp127f,
      0x1.ffp127f,
      Float.MIN_VALUE,
      0x1p-134f, // halfway to the smallest, down to zero
      0x1.8p-134f,
      0x1.8p-133f, // halfway, up to even
      -0x1p-134f,
      Float.MIN_NORMAL - Float.MIN_VALUE,
      0,
      -0.0f,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.NaN,
      Float.intBitsToFloat(0x7f800001), // a NaN by its last bit alone
      Float.intBitsToFloat(0xff800001),
      Float.intBitsToFloat(0x7fffffff),
      Float.intBitsToFloat(0xffffffff)
    };
    MemorySegment values = MemorySegment.ofArray(edges);

    check(TensorType.F32, values, values);
    short[] numbers = run(TensorType.F32, values, edges.length);
    assertThat(new short[] {numbers[0], numbers[1], numbers[7], numbers[14]})
        .containsExactly(0x3f80, 0x3f82, 0x7f80, 0x0001);
  }
}
