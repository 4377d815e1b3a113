package dev.witnessmark.capture;

import dev.witnessmark.model.transformer.StageKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Collectors;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Puts the float64 tensors of a capture into one safetensors file, and their roundings beside. */
final class ExactFile {

  private static final int BUFFER = 1 << 17;
  private static final int ALIGNMENT = 8;
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** A tensor to be put there. */
  record Tensor(ExactValues values, List<Integer> shape, AprtWriter rounded) {
    long elements() {
      return shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
    }
  }

  private ExactFile() {}

  /**
   * Writes {@code target} and ends every tensor's rounding to nearest.
   *
   * @param provenance what the file's metadata says
   */
  static void write(Path target, SortedMap<StageKey, Tensor> tensors, Provenance provenance)
      throws IOException {
    byte[] header = header(tensors, provenance);
    try (PositionedFile file = new PositionedFile(target);
        Arena arena = Arena.ofConfined()) {
      file.write(0, MemorySegment.ofArray(header));
      long at = header.length;
      MemorySegment doubles = arena.allocate((long) Double.BYTES * BUFFER, Double.BYTES);
      MemorySegment floats = arena.allocate((long) Float.BYTES * BUFFER, Float.BYTES);
      for (Tensor tensor : tensors.values()) {
        long elements = tensor.elements();
        for (long first = 0; first < elements; first += BUFFER) {
          int count = (int) Math.min(BUFFER, elements - first);
          MemorySegment piece = doubles.asSlice(0, (long) Double.BYTES * count);
          tensor.values().read(first, piece);
          file.write(at, piece);
          at += piece.byteSize();
          for (int i = 0; i < count; i++) {
            floats.setAtIndex(
                ValueLayout.JAVA_FLOAT, i, (float) piece.getAtIndex(ValueLayout.JAVA_DOUBLE, i));
          }
          tensor.rounded().write(first, floats.asSlice(0, (long) Float.BYTES * count));
        }
        tensor.values().close();
        tensor.rounded().end(elements);
      }
      file.end(at);
    }
  }

  /** Length and text, filled up so that the data is aligned. */
  private static byte[] header(SortedMap<StageKey, Tensor> tensors, Provenance provenance) {
    Map<String, String> metadata = new LinkedHashMap<>();
    provenance.prompt().ifPresent(prompt -> metadata.put("prompt", prompt));
    metadata.put(
        "token_ids",
        provenance.tokens().stream().map(String::valueOf).collect(Collectors.joining(" ")));
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try (JsonGenerator json =
        JsonFactory.builder().build().createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeName("__metadata__");
      json.writeStartObject();
      metadata.forEach(json::writeStringProperty);
      json.writeEndObject();
      long at = 0;
      for (Map.Entry<StageKey, Tensor> entry : tensors.entrySet()) {
        long end = at + Double.BYTES * entry.getValue().elements();
        json.writeName(entry.getKey().name());
        json.writeStartObject();
        json.writeStringProperty("dtype", "F64");
        json.writeName("shape");
        json.writeStartArray();
        entry.getValue().shape().forEach(json::writeNumber);
        json.writeEndArray();
        json.writeName("data_offsets");
        json.writeStartArray();
        json.writeNumber(at);
        json.writeNumber(end);
        json.writeEndArray();
        json.writeEndObject();
        at = end;
      }
      json.writeEndObject();
    }
    int padding = -text.size() & (ALIGNMENT - 1);
    text.writeBytes(" ".repeat(padding).getBytes(StandardCharsets.US_ASCII));
    MemorySegment header = MemorySegment.ofArray(new byte[Long.BYTES + text.size()]);
    header.set(U64, 0, text.size());
    MemorySegment.copy(
        MemorySegment.ofArray(text.toByteArray()), 0, header, Long.BYTES, text.size());
    return header.toArray(ValueLayout.JAVA_BYTE);
  }
}
