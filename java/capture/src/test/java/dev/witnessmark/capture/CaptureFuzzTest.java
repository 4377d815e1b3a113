package dev.witnessmark.capture;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.Shape;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.testing.BytesSource;
import dev.witnessmark.verdict.CouldNotCompare;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class CaptureFuzzTest {

  static Stream<byte[]> files() {
    return Stream.of(
            "4150525400000000020000000000803f00000040",
            "41505254ffffffff00000000",
            "4150525400000000ffffffff",
            "41505254")
        .map(HexFormat.of()::parseHex);
  }

  @MethodSource("files")
  @FuzzTest
  void aprt(byte[] bytes) throws IOException {
    ByteSource file = new BytesSource("fuzz.bin", bytes);
    try {
      AprtHeader header = AprtHeader.read(file);
      byte[] values = new byte[Math.toIntExact(4 * header.elements())];
      header
          .values(file, "fuzz", Shape.of(header.elements()))
          .read(0, MemorySegment.ofArray(values));
      if (header.fileBytes() != bytes.length) {
        throw new AssertionError(header);
      }
    } catch (Refusal expected) {
      // The only way to fail.
    }
  }

  static Stream<byte[]> manifests() throws IOException {
    return Stream.of(
        Manifests.bytes(Manifests.of(SmallModel.model(), 2, TensorType.F32)),
        Manifests.bytes(Manifests.of(SmallModel.model(), 1, TensorType.F64)),
        "{\"schema\":\"wmark-capture-v1\"}".getBytes(StandardCharsets.UTF_8));
  }

  /** What is accepted can be written, and is then the same. */
  @MethodSource("manifests")
  @FuzzTest
  void manifest(byte[] bytes) throws IOException {
    Manifest manifest;
    try {
      manifest = Manifests.read(bytes);
    } catch (Refusal expected) {
      return;
    }
    if (!Manifests.read(Manifests.bytes(manifest)).equals(manifest)) {
      throw new AssertionError(manifest);
    }
  }

  static Stream<byte[]> plans() {
    return Stream.of("attn_norm, Layer_Output|0..2", "all|all", "all,moe_router|1 .. 2", "|")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("plans")
  @FuzzTest
  void plan(byte[] bytes) {
    String[] words = new String(bytes, StandardCharsets.UTF_8).split("\\|", 2);
    try {
      TraceRequest.parse(words[0], words.length == 2 ? words[1] : "all").of(SmallModel.model());
    } catch (IllegalArgumentException | CouldNotCompare expected) {
      // The only ways to fail.
    }
  }

  static Stream<byte[]> maps() {
    return Stream.of("a.#.b = ffn_out\n// no\nc=lm_head|a.3.b", "{\"a.#\": \"ffn_out\"}|a.5")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("maps")
  @FuzzTest
  void nameMap(byte[] bytes) throws IOException {
    int bar = new String(bytes, StandardCharsets.ISO_8859_1).lastIndexOf('|');
    byte[] rules = bar < 0 ? bytes : Arrays.copyOf(bytes, bar);
    String name = new String(bytes, bar + 1, bytes.length - bar - 1, StandardCharsets.UTF_8);
    try {
      NameMap.read(new BytesSource("fuzz.map", rules), Limits.DEFAULT).stage(name);
    } catch (Refusal expected) {
      // The only way to fail.
    }
  }
}
