package dev.witnessmark.format.gguf;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Metadata;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.TensorView;
import java.io.IOException;
import java.util.List;

/**
 * The header of one GGUF file, checked against that file.
 *
 * @param version 2 or 3
 * @param tensors in the order of their descriptions
 * @param notes what was accepted but should be seen
 */
record GgufHeader(int version, Metadata metadata, List<TensorView> tensors, List<String> notes) {

  GgufHeader {
    tensors = List.copyOf(tensors);
    notes = List.copyOf(notes);
  }

  /**
   * Reads and checks the header of {@code source}; no tensor byte is read.
   *
   * @throws Refusal if anything is wrong with it
   */
  static GgufHeader read(ByteSource source, Limits limits) throws IOException {
    return new GgufHeaderParser(source, limits).parse();
  }
}
