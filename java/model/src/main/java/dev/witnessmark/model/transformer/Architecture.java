package dev.witnessmark.model.transformer;

import dev.witnessmark.format.FileFormat;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The architectures whose forward pass is known, by their names in either ecosystem. */
public enum Architecture {
  /** In GGUF also Mistral and Mixtral; q and k are stored with rotary pairs side by side there. */
  LLAMA("llama", "llama"),
  MISTRAL(null, "mistral"),
  MIXTRAL(null, "mixtral"),
  QWEN2("qwen2", "qwen2"),
  QWEN3("qwen3", "qwen3"),
  QWEN3_MOE("qwen3moe", "qwen3_moe");

  private final @Nullable String gguf;
  private final String huggingFace;

  Architecture(@Nullable String gguf, String huggingFace) {
    this.gguf = gguf;
    this.huggingFace = huggingFace;
  }

  /** The architecture that a file of {@code format} calls {@code name}. */
  static Optional<Architecture> of(FileFormat format, String name) {
    return Arrays.stream(values()).filter(a -> name.equals(a.nameIn(format))).findFirst();
  }

  private @Nullable String nameIn(FileFormat format) {
    return format == FileFormat.GGUF ? gguf : huggingFace;
  }

  /** The names that {@link #of} knows, for messages. */
  static String names(FileFormat format) {
    return Arrays.stream(values())
        .map(a -> a.nameIn(format))
        .filter(Objects::nonNull)
        .collect(Collectors.joining(", "));
  }

  /** Whether a GGUF file keeps the elements of a rotary pair side by side. */
  boolean interleavedInGguf() {
    return this == LLAMA;
  }

  /** Whether each head of queries and keys is normalised. */
  boolean headNorms() {
    return List.of(QWEN3, QWEN3_MOE).contains(this);
  }
}
