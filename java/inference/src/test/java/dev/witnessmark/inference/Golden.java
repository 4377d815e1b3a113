package dev.witnessmark.inference;

import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.CheckpointReader;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.model.transformer.StageKey;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A capture made independently in float64; the README beside them says how.
 *
 * @param tokens the prompt
 * @param stages what was kept
 * @param greedy how the reference continues; empty where it was not asked
 */
record Golden(int[] tokens, Map<StageKey, double[]> stages, int[] greedy) {

  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** A sum, asked of the demo model. */
  static Golden sum() throws IOException {
    return read(Path.of("src/test/resources/golden/trace/base-q4_k_m.gguf__sum.safetensors"));
  }

  static Golden read(Path file) throws IOException {
    try (Checkpoint capture = CheckpointReader.open(file, Limits.DEFAULT)) {
      Map<StageKey, double[]> stages = new LinkedHashMap<>();
      for (TensorView tensor : capture.tensors()) {
        stages.put(StageKey.ofName(tensor.name()).orElseThrow(), values(tensor));
      }
      return new Golden(
          numbers(capture.metadata().text("token_ids").orElseThrow()),
          stages,
          capture.metadata().text("greedy_token_ids").map(Golden::numbers).orElse(new int[0]));
    }
  }

  /** The largest difference, relative to the largest value. */
  static double distance(double[] ours, double[] expected) {
    double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
    double worst = 0;
    for (int i = 0; i < expected.length; i++) {
      // Not max of a difference that may be NaN.
      worst = ours[i] == expected[i] ? worst : Math.max(worst, Math.abs(ours[i] - expected[i]));
    }
    return worst / largest;
  }

  private static double[] values(TensorView tensor) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(tensor.bytes());
      tensor.read(0, bytes);
      double[] values = new double[Math.toIntExact(tensor.shape().elements())];
      for (int i = 0; i < values.length; i++) {
        values[i] = bytes.get(DOUBLE, (long) i * Double.BYTES);
      }
      return values;
    }
  }

  private static int[] numbers(String list) {
    return Arrays.stream(list.split(" ", -1)).mapToInt(Integer::parseInt).toArray();
  }
}
