package dev.witnessmark.format.gguf;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.GoldenFiles;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.TensorInvariants;
import dev.witnessmark.format.testing.BytesSource;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class GgufFuzzTest {

  private static final int LARGEST_SEED = 32 << 10;

  static Stream<byte[]> seeds() throws IOException {
    return GoldenFiles.contents("gguf", "gguf-bad").stream()
        .filter(file -> file.length <= LARGEST_SEED);
  }

  @MethodSource("seeds")
  @FuzzTest
  void header(byte[] bytes) throws IOException {
    ByteSource file = new BytesSource("fuzz.gguf", bytes);
    try {
      TensorInvariants.check(GgufHeader.read(file, Limits.DEFAULT).tensors(), file);
    } catch (Refusal expected) {
      // The only way to fail.
    }
  }
}
