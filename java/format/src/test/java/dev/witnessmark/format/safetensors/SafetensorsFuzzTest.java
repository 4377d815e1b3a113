package dev.witnessmark.format.safetensors;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.GoldenFiles;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.TensorInvariants;
import dev.witnessmark.format.testing.BytesSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsFuzzTest {

  static Stream<byte[]> seeds() throws IOException {
    return GoldenFiles.contents("safetensors", "safetensors-bad").stream();
  }

  @MethodSource("seeds")
  @FuzzTest
  void header(byte[] bytes) throws IOException {
    ByteSource file = new BytesSource("fuzz.safetensors", bytes);
    try {
      TensorInvariants.check(SafetensorsHeader.read(file, Limits.DEFAULT).tensors(), file);
    } catch (Refusal expected) {
      // The only way to fail.
    }
  }

  static Stream<byte[]> indexes() {
    return Stream.of(
            "{\"metadata\":{\"total_size\":8},\"weight_map\":{\"a\":\"s-1\",\"b\":\"s-2\"}}",
            "{\"weight_map\":{\"a\":\"../s\",\"a\":\"s\"}}",
            "{\"weight_map\":[]}")
        .map(json -> json.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("indexes")
  @FuzzTest
  void index(byte[] bytes) throws IOException {
    try {
      ShardIndex.read(new BytesSource("fuzz.json", bytes), Limits.DEFAULT);
    } catch (Refusal expected) {
      // The only way to fail.
    }
  }
}
