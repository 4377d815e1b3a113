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

/** A capture made independently in float64; the README beside them says how. */
record Golden(int[] tokens, Map<StageKey, double[]> stages, int[] greedy) {

  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** A sum, asked of the demo model. */
  static Golden sum() throws IOException {
    return read(Path.of("src/test/resources/golden/trace/base-q4_k_m.gguf__sum.safetensors"));
  }

  private static Golden read(Path file) throws IOException {
    try (Checkpoint capture = CheckpointReader.open(file, Limits.DEFAULT)) {
      Map<StageKey, double[]> stages = new LinkedHashMap<>();
      for (TensorView tensor : capture.tensors()) {
        stages.put(StageKey.ofName(tensor.name()).orElseThrow(), values(tensor));
      }
      return new Golden(
          numbers(capture.metadata().text("token_ids").orElseThrow()),
          stages,
          numbers(capture.metadata().text("greedy_token_ids").orElseThrow()));
    }
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
