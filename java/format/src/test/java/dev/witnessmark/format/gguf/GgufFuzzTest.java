package dev.witnessmark.format.gguf;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.testing.BytesSource;
import java.io.IOException;

class GgufFuzzTest {

  @FuzzTest
  void header(byte[] file) throws IOException {
    try {
      GgufHeader.read(new BytesSource("fuzz", file), Limits.DEFAULT);
    } catch (Refusal expected) {
      // The only way to fail.
    }
  }
}
