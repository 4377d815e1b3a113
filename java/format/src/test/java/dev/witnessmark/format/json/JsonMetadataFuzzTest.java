package dev.witnessmark.format.json;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.testing.BytesSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class JsonMetadataFuzzTest {

  static Stream<byte[]> seeds() {
    return Stream.of(
            """
            {"architectures": ["Qwen2ForCausalLM"], "rms_norm_eps": 1e-06, "pad_token_id": null,
             "rope_parameters": {"rope_theta": 1000000.0, "rope_type": "default"},
             "use_cache": true, "limits": [0.0, Infinity], "layers": [{"type": "full"}, [1]]}
            """,
            "{\"a.b\":1,\"a\":{\"b\":2}}",
            "\uFEFF{}",
            "{\"a\":[[[[[[[[[[",
            "{\"a\":123456789012345678901234567890,\"b\":-1e999}")
        .map(json -> json.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("seeds")
  @FuzzTest
  void config(byte[] bytes) throws IOException {
    try {
      JsonMetadata.read(new BytesSource("config.json", bytes), "config.", Limits.DEFAULT);
    } catch (Refusal expected) {
      // The only way to fail.
    }
  }
}
