package dev.witnessmark.format;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;

/** Tells containers apart by their first bytes, and explains those that are not read. */
public final class ContainerRecognition {

  /** Enough for the signature of tar at 257. */
  private static final int PREFIX = 264;

  private final String file;
  private final byte[] start;

  private ContainerRecognition(String file, byte[] start) {
    this.file = file;
    this.start = start;
  }

  /**
   * The container of a file.
   *
   * @throws Refusal.UnsafeFormat for pickles and archives
   * @throws Refusal.UnknownFormat for anything else that is not read, saying what it looks like
   */
  public static FileFormat of(ByteSource file) throws IOException {
    byte[] start = new byte[(int) Math.min(PREFIX, file.size())];
    file.read(0, MemorySegment.ofArray(start));
    return new ContainerRecognition(file.name(), start).recognise();
  }

  /**
   * Refuses a part of a checkpoint that is not in the container of the whole; a pointer of Git LFS
   * is refused as what it is.
   */
  public static void require(FileFormat expected, ByteSource part) throws IOException {
    FileFormat found = of(part);
    if (found != expected) {
      throw new Refusal.UnknownFormat(
          part.name(), "is %s, not %s".formatted(found.label(), expected.label()));
    }
  }

  private FileFormat recognise() throws Refusal {
    if (start.length == 0) {
      throw unknown("is empty; download it again");
    }
    if (begins("GGUF")) {
      return FileFormat.GGUF;
    }
    if (safetensors()) {
      return FileFormat.SAFETENSORS;
    }
    refuseCodeAndArchives();
    refuseText();
    refuseOtherContainers();
    // What is left has no signature: the name only decides who explains what is wrong.
    String name = file.toLowerCase(Locale.ROOT);
    if (name.endsWith(".safetensors")) {
      return FileFormat.SAFETENSORS;
    }
    if (name.endsWith(".onnx") && protobufModel()) {
      return FileFormat.ONNX;
    }
    throw unknown(
        "begins with bytes %s, like no model container; GGUF, safetensors and ONNX are read"
            .formatted(HexFormat.of().formatHex(start, 0, Math.min(8, start.length))));
  }

  /** A header length below 4 GiB, then the brace of the JSON header. */
  private boolean safetensors() {
    return start.length > 8
        && start[4] == 0
        && start[5] == 0
        && start[6] == 0
        && start[7] == 0
        && start[8] == '{';
  }

  /**
   * An ONNX model is a protobuf message without a signature. Its first byte is the tag of one of
   * its fields: 1 (ir_version) mostly, or any of 2 to 8 and 14, as a number or with a length.
   */
  private boolean protobufModel() {
    return switch (start[0]) {
      case 0x08, 0x12, 0x1A, 0x22, 0x28, 0x32, 0x3A, 0x42, 0x72 -> true;
      default -> false;
    };
  }

  private void refuseCodeAndArchives() throws Refusal {
    // Protocol 2 to 5, or the text opcodes with which protocol 0 and legacy files begin.
    if (start.length > 1 && (start[0] & 0xFF) == 0x80 && start[1] >= 2 && start[1] <= 5) {
      throw unsafe("is a Python pickle, which is a program that loading would run");
    }
    if (begins("PK\3\4") || begins("PK\5\6")) {
      throw unsafe("is a zip archive, as PyTorch's .pt and .bin files are: a pickle in it is code");
    }
    if (begins(0x1F, 0x8B)
        || begins(0x28, 0xB5, 0x2F, 0xFD)
        || begins(0xFD, '7', 'z', 'X', 'Z')
        || begins('7', 'z', 0xBC, 0xAF)
        || begins("BZh")
        || tar()) {
      throw unsafe("is an archive; unpack it first");
    }
  }

  private boolean tar() {
    return start.length >= 262
        && new String(start, 257, 5, StandardCharsets.ISO_8859_1).equals("ustar");
  }

  private void refuseText() throws Refusal {
    String text = new String(start, StandardCharsets.UTF_8).replace("\uFEFF", "").stripLeading();
    if (text.startsWith("version https://git-lfs")) {
      throw unknown("is a Git LFS pointer, not the file it stands for; run git lfs pull");
    }
    if (text.startsWith("<")) {
      throw unknown("is an HTML page, perhaps a log-in or an error; download the file itself");
    }
    if (text.startsWith("{\"") || text.startsWith("[") || text.matches("(?s)\\{\\s+[\"}].*")) {
      throw unknown("is JSON; name the folder it is in, or the model file itself");
    }
  }

  private void refuseOtherContainers() throws Refusal {
    if (begins("tjgg") || begins("fmgg") || begins("lmgg") || begins("algg")) {
      throw new Refusal.Unsupported(
          file, "file", 0, "is a ggml file from before GGUF; convert the model again");
    }
    if (begins("BGZ7")) {
      throw unknown(
          "is an index of fingerprints, which has no weights; wmark info, causal and gates read it,"
              + " all else wants the checkpoint that it was made of");
    }
    if (begins(0x89, 'H', 'D', 'F')) {
      throw unknown("is an HDF5 file, as Keras writes them; convert it to safetensors");
    }
    if (begins(0x93, 'N', 'U', 'M', 'P', 'Y')) {
      throw unknown("is a NumPy array; convert it to safetensors");
    }
  }

  private boolean begins(String signature) {
    return begins(signature.chars().toArray());
  }

  private boolean begins(int... signature) {
    if (start.length < signature.length) {
      return false;
    }
    for (int i = 0; i < signature.length; i++) {
      if ((start[i] & 0xFF) != signature[i]) {
        return false;
      }
    }
    return true;
  }

  private Refusal unknown(String detail) {
    return new Refusal.UnknownFormat(file, detail);
  }

  private Refusal unsafe(String detail) {
    return new Refusal.UnsafeFormat(
        file, detail + "; use the safetensors or GGUF form of the model");
  }
}
