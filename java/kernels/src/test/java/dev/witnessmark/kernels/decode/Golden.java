package dev.witnessmark.kernels.decode;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.testing.GoldenFile;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The golden blocks and values of ggml; see the README beside them. */
record Golden(TensorType type, String kind, byte[] blocks, float[] values) {

  private static final List<String> KINDS = List.of("pattern", "random", "codebook");

  /** Every decoded file. */
  static Stream<Golden> all() {
    return Arrays.stream(TensorType.values())
        .flatMap(type -> KINDS.stream().flatMap(kind -> find(type, kind).stream()));
  }

  /** The file of this type and kind, if there is one. */
  static Optional<Golden> find(TensorType type, String kind) {
    String name = "dequant/" + type + "." + kind;
    return bytes(name + ".blocks")
        .map(blocks -> new Golden(type, kind, blocks, floats(name + ".f32")));
  }

  /** A file of little-endian floats. */
  static float[] floats(String file) {
    return Native.floats(bytes(file).orElseThrow());
  }

  /** The bytes of a file, if there is one. */
  static Optional<byte[]> bytes(String file) {
    return GoldenFile.find("ggml/" + file);
  }

  @Override
  public String toString() {
    return type + " " + kind;
  }
}
