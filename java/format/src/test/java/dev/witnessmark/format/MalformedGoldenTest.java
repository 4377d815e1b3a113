package dev.witnessmark.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MalformedGoldenTest {

  private static final Map<String, Class<? extends Refusal>> EXPECTED =
      Map.ofEntries(
          Map.entry("bad-magic.gguf", Refusal.UnknownFormat.class),
          Map.entry("truncated-in-kv.gguf", Refusal.Truncated.class),
          Map.entry("string-length-all-ones.gguf", Refusal.Truncated.class),
          Map.entry("array-count-wraps.gguf", Refusal.LimitExceeded.class),
          Map.entry("ndims-5.gguf", Refusal.Malformed.class),
          Map.entry("dims-product-wraps-to-small.gguf", Refusal.SizeOverflow.class),
          Map.entry("tensors-overlap.gguf", Refusal.Overlap.class),
          Map.entry("truncated-data.gguf", Refusal.Truncated.class),
          Map.entry("header-length-2e63.safetensors", Refusal.LimitExceeded.class),
          Map.entry("header-length-past-end.safetensors", Refusal.Truncated.class),
          Map.entry("bad-json.safetensors", Refusal.Malformed.class),
          Map.entry("duplicate-name.safetensors", Refusal.Duplicate.class),
          Map.entry("shape-size-mismatch.safetensors", Refusal.Inconsistent.class),
          Map.entry("shape-product-wraps.safetensors", Refusal.SizeOverflow.class),
          Map.entry("offsets-past-end.safetensors", Refusal.Truncated.class),
          Map.entry("offsets-overlap.safetensors", Refusal.Overlap.class));

  static Stream<Path> files() throws IOException {
    GoldenFiles gguf = GoldenFiles.of("gguf-bad");
    GoldenFiles safetensors = GoldenFiles.of("safetensors-bad");
    return Stream.concat(
        gguf.entries().map(gguf::file), safetensors.entries().map(safetensors::file));
  }

  @ParameterizedTest
  @MethodSource("files")
  void isRefusedForItsReason(Path file) {
    Throwable refusal = catchThrowable(() -> CheckpointReader.open(file, Limits.DEFAULT));

    assertThat(refusal)
        .isExactlyInstanceOf(EXPECTED.get(file.getFileName().toString()))
        .hasMessageStartingWith(file.toString());
  }
}
