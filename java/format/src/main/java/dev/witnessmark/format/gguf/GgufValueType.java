package dev.witnessmark.format.gguf;

import java.util.Locale;
import java.util.Optional;

/** Types of metadata values; the ordinal is the id in the file. */
enum GgufValueType {
  U8(1),
  I8(1),
  U16(2),
  I16(2),
  U32(4),
  I32(4),
  F32(4),
  BOOL(1),
  /** u64 length and bytes. */
  STR(8),
  /** u32 element type, u64 count, elements. */
  ARR(12),
  U64(8),
  I64(8),
  F64(8);

  private static final GgufValueType[] BY_ID = values();

  private final int leastBytes;

  GgufValueType(int leastBytes) {
    this.leastBytes = leastBytes;
  }

  static Optional<GgufValueType> of(int id) {
    return id < 0 || id >= BY_ID.length ? Optional.empty() : Optional.of(BY_ID[id]);
  }

  /** Bytes of a value; for texts and arrays those of an empty one. */
  int leastBytes() {
    return leastBytes;
  }

  /** Whether every value has {@link #leastBytes()}. */
  boolean fixedSize() {
    return this != STR && this != ARR;
  }

  /** The name in the format's own spelling, for example {@code u32}. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
