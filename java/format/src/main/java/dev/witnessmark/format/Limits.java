package dev.witnessmark.format;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Bounds on the numbers of untrusted files, checked before anything is allocated from them.
 *
 * @param headerBytes metadata and tensor descriptions of a GGUF or ONNX file, in bytes
 * @param jsonHeaderBytes header of a safetensors file or a JSON file beside it, in bytes
 * @param tensors tensors of one checkpoint
 * @param metadataKeys metadata keys of one file
 * @param nameBytes length of a key or tensor name, in bytes of UTF-8
 * @param textBytes length of a metadata text, in bytes of UTF-8
 * @param arrayElements elements of a metadata array
 * @param arrayDepth nesting of metadata arrays
 * @param jsonDepth nesting of JSON
 * @param parts files of one split checkpoint
 */
public record Limits(
    long headerBytes,
    long jsonHeaderBytes,
    long tensors,
    long metadataKeys,
    long nameBytes,
    long textBytes,
    long arrayElements,
    int arrayDepth,
    int jsonDepth,
    int parts) {

  /** Parsers recurse: deeper nesting would exhaust the stack. */
  private static final long DEEPEST = 64;

  /** A header that large could not be described by what is kept of it. */
  private static final long LARGEST = 1L << 36;

  /** What is accepted unless the user says otherwise. */
  public static final Limits DEFAULT =
      new Limits(
          256L << 20,
          100_000_000L,
          1_000_000L,
          65_536L,
          65_535L,
          64L << 20,
          Integer.MAX_VALUE,
          4,
          8,
          100_000);

  /** Every limit by the name that {@code --limit} takes, in the order of the components. */
  public Map<String, Long> byName() {
    Map<String, Long> byName = new LinkedHashMap<>();
    byName.put("header-bytes", headerBytes);
    byName.put("json-header-bytes", jsonHeaderBytes);
    byName.put("tensors", tensors);
    byName.put("metadata-keys", metadataKeys);
    byName.put("name-bytes", nameBytes);
    byName.put("text-bytes", textBytes);
    byName.put("array-elements", arrayElements);
    byName.put("array-depth", (long) arrayDepth);
    byName.put("json-depth", (long) jsonDepth);
    byName.put("parts", (long) parts);
    return byName;
  }

  /**
   * These limits with one changed.
   *
   * @throws IllegalArgumentException if there is no limit of this name, or the value is out of
   *     range
   */
  public Limits with(String name, long value) {
    if (value < 1 || value > (name.endsWith("-depth") ? DEEPEST : LARGEST)) {
      throw new IllegalArgumentException("%s=%d is out of range".formatted(name, value));
    }
    List<String> names = List.copyOf(byName().keySet());
    long[] values = byName().values().stream().mapToLong(Long::longValue).toArray();
    int index = names.indexOf(name);
    if (index < 0) {
      throw new IllegalArgumentException(
          "no limit is called " + name + "; there are " + String.join(", ", names));
    }
    values[index] = value;
    return new Limits(
        values[0],
        values[1],
        values[2],
        values[3],
        values[4],
        values[5],
        Math.min(values[6], Integer.MAX_VALUE),
        (int) values[7],
        (int) values[8],
        (int) Math.min(values[9], Integer.MAX_VALUE));
  }
}
