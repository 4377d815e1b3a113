package dev.witnessmark.format.safetensors;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.TensorView;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * The header of one safetensors file, checked against that file.
 *
 * @param metadata the members of {@code __metadata__}
 * @param tensors in the order of their data
 */
record SafetensorsHeader(Map<String, MetadataValue> metadata, List<TensorView> tensors) {

  SafetensorsHeader {
    metadata = Collections.unmodifiableMap(metadata);
    tensors = List.copyOf(tensors);
  }

  /**
   * Reads and checks the header of {@code source}; no tensor byte is read.
   *
   * @throws Refusal if anything is wrong with it
   */
  static SafetensorsHeader read(ByteSource source, Limits limits) throws IOException {
    return new SafetensorsHeaderParser(source, limits).parse();
  }
}
