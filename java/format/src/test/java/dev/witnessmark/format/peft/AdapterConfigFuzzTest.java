package dev.witnessmark.format.peft;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.testing.BytesSource;
import java.io.IOException;

class AdapterConfigFuzzTest {

  @FuzzTest
  void config(byte[] file) throws IOException {
    try {
      AdapterConfig.read(new BytesSource("fuzz", file), Limits.DEFAULT).scale("layers.0.q_proj");
    } catch (Refusal expected) {
      // The only way to fail.
    }
  }
}
