package dev.witnessmark.format;

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
}
