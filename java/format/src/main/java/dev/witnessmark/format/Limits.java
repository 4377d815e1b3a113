package dev.witnessmark.format;

import java.util.LinkedHashMap;
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

  /** Every limit by the name that {@code --limit} takes. */
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
   * @throws IllegalArgumentException if there is no limit of this name, or the value is out of range
   */
  public Limits with(String name, long value) {
    Map<String, Long> byName = byName();
    if (byName.replace(name, value) == null) {
      throw new IllegalArgumentException(
          "no limit is called " + name + "; there are " + String.join(", ", byName.keySet()));
    }
    boolean depth = name.endsWith("-depth");
    if (value < 1 || depth && value > DEEPEST || !depth && value > Integer.MAX_VALUE * 64L) {
      throw new IllegalArgumentException("%s=%d is out of range".formatted(name, value));
    }
    return new Limits(
        byName.get("header-bytes"),
        byName.get("json-header-bytes"),
        byName.get("tensors"),
        byName.get("metadata-keys"),
        byName.get("name-bytes"),
        byName.get("text-bytes"),
        Math.min(byName.get("array-elements"), Integer.MAX_VALUE),
        Math.toIntExact(byName.get("array-depth")),
        Math.toIntExact(byName.get("json-depth")),
        (int) Math.min(byName.get("parts"), Integer.MAX_VALUE));
  }
}
