package dev.witnessmark.capture.dump;

import static dev.witnessmark.capture.dump.NpyBytes.dictionary;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.format.testing.BytesSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class NpyFuzzTest {

  static Stream<byte[]> files() {
    return Stream.of(
        NpyBytes.file(1, dictionary("<f4", false, "(2, 3)"), new byte[24]),
        NpyBytes.file(2, dictionary(">f2", false, "(1,)"), new byte[2]),
        NpyBytes.file(3, dictionary("<f8", true, "()"), new byte[8]),
        NpyBytes.file(1, dictionary("|O", false, "(9223372036854775807, 2)"), new byte[2]));
  }

  @MethodSource("files")
  @FuzzTest
  void npy(byte[] bytes) throws IOException {
    ByteSource file = new BytesSource("fuzz.npy", bytes);
    try {
      TensorView view = NpyHeader.read(file, "fuzz");
      if (view.offset() + view.bytes() != bytes.length) {
        throw new AssertionError(view);
      }
      view.read(0, MemorySegment.ofArray(new byte[(int) view.bytes()]));
    } catch (Refusal expected) {
      // The only way to fail.
    }
  }
}
