package dev.witnessmark.format;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * Metadata of a checkpoint in file order: GGUF keys as they are, {@code config.json} keys prefixed
 * with {@code config.}, safetensors {@code __metadata__} keys as they are. A getter returns empty
 * if the key is absent or holds another type.
 */
public record Metadata(Map<String, MetadataValue> entries) {

  public static final Metadata EMPTY = new Metadata(Map.of());

  public Metadata {
    entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
  }

  public Optional<String> text(String key) {
    return entries.get(key) instanceof MetadataValue.Text(String value)
        ? Optional.of(value)
        : Optional.empty();
  }

  /** The integer at {@code key}, if it is one and fits in 63 bits. */
  public OptionalLong whole(String key) {
    return entries.get(key) instanceof MetadataValue.Whole(var value) && value.bitLength() < 64
        ? OptionalLong.of(value.longValue())
        : OptionalLong.empty();
  }

  /** The number at {@code key}, an integer or not. */
  public OptionalDouble real(String key) {
    return switch (entries.get(key)) {
      case MetadataValue.Real(double value) -> OptionalDouble.of(value);
      case MetadataValue.Whole(var value) -> OptionalDouble.of(value.doubleValue());
      case null, default -> OptionalDouble.empty();
    };
  }

  public Optional<Boolean> flag(String key) {
    return entries.get(key) instanceof MetadataValue.Flag(boolean value)
        ? Optional.of(value)
        : Optional.empty();
  }
}
