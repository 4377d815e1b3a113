package dev.witnessmark.format.testing;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Writes safetensors files: right ones tensor by tensor, wrong ones from a header as text.
 *
 * <pre>{@code
 * byte[] file = new SafetensorsBuilder()
 *     .metadata("format", "pt")
 *     .tensor("w", "F32", data, 2, 4)
 *     .build();
 * }</pre>
 */
public final class SafetensorsBuilder {

  private final List<String> metadata = new ArrayList<>();
  private final List<String> entries = new ArrayList<>();
  private final ByteWriter data = new ByteWriter(ByteOrder.LITTLE_ENDIAN);

  /** Adds a pair of texts that need no escaping. */
  public SafetensorsBuilder metadata(String key, String value) {
    metadata.add("\"%s\":\"%s\"".formatted(key, value));
    return this;
  }

  /** Adds a tensor and its data. */
  public SafetensorsBuilder tensor(String name, String dtype, byte[] bytes, long... shape) {
    int begin = data.size();
    data.raw(bytes);
    entries.add(entry(name, dtype, Arrays.toString(shape), begin, data.size()));
    return this;
  }

  public byte[] build() {
    List<String> members = new ArrayList<>(entries);
    if (!metadata.isEmpty()) {
      members.addFirst("\"__metadata__\":{" + String.join(",", metadata) + "}");
    }
    return file("{" + String.join(",", members) + "}", data.toByteArray());
  }

  /** One member of a header. */
  public static String entry(String name, String dtype, String shape, Object begin, Object end) {
    return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%s,%s]}"
        .formatted(name, dtype, shape, begin, end);
  }

  /** A file with this header and data, whatever they say. */
  public static byte[] file(String header, byte[] data) {
    byte[] utf8 = header.getBytes(StandardCharsets.UTF_8);
    return file(utf8.length, utf8, data);
  }

  /** A file that claims a header of {@code length} bytes. */
  public static byte[] file(long length, byte[] header, byte[] data) {
    return new ByteWriter(ByteOrder.LITTLE_ENDIAN).u64(length).raw(header).raw(data).toByteArray();
  }
}
