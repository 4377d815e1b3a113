package dev.witnessmark.format;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Where the multi-byte fields of a block are, to turn big-endian blocks into little-endian ones.
 *
 * <p>A field counts as multi-byte if ggml reads it as one number, also where its struct declares
 * bytes (the high bits of Q5_0, the scales of IQ1_M). For IQ2_XXS there is no answer: ggml writes
 * its indices as parts of a 32-bit number and reads them as bytes, which only agrees on
 * little-endian machines, so a big-endian file of that type has no meaning of its own.
 */
public final class ByteOrderSwap {

  /** {@code count} numbers of {@code width} bytes from {@code offset} of a block. */
  private record Field(int offset, int width, int count) {}

  private static final List<Field> D_FIRST = List.of(new Field(0, 2, 1));
  private static final List<Field> D_AND_M_FIRST = List.of(new Field(0, 2, 2));

  private ByteOrderSwap() {}

  /** Whether big-endian blocks of {@code type} have a meaning. */
  public static boolean defined(TensorType type) {
    return fields(type).isPresent();
  }

  /** Whether blocks of {@code type} differ between the two byte orders. */
  public static boolean changes(TensorType type) {
    return fields(type).map(fields -> !fields.isEmpty()).orElse(false);
  }

  /**
   * Swaps every multi-byte field in place.
   *
   * @param blocks whole blocks in native or heap memory, of any alignment
   * @throws IllegalArgumentException if {@code blocks} does not end with a block or the type has no
   *     big-endian form
   */
  public static void swap(TensorType type, MemorySegment blocks) {
    List<Field> fields =
        fields(type)
            .orElseThrow(() -> new IllegalArgumentException(type + " has no big-endian form"));
    if (blocks.byteSize() % type.blockBytes() != 0) {
      throw new IllegalArgumentException(
          "%d bytes are not whole blocks of %d".formatted(blocks.byteSize(), type.blockBytes()));
    }
    for (long block = 0; block < blocks.byteSize(); block += type.blockBytes()) {
      for (Field field : fields) {
        for (int i = 0; i < field.count; i++) {
          swap(blocks, block + field.offset + (long) i * field.width, field.width);
        }
      }
    }
  }

  private static void swap(MemorySegment bytes, long at, int width) {
    switch (width) {
      case 2 -> {
        var layout = ValueLayout.JAVA_SHORT_UNALIGNED;
        bytes.set(layout, at, Short.reverseBytes(bytes.get(layout, at)));
      }
      case 4 -> {
        var layout = ValueLayout.JAVA_INT_UNALIGNED;
        bytes.set(layout, at, Integer.reverseBytes(bytes.get(layout, at)));
      }
      case 8 -> {
        var layout = ValueLayout.JAVA_LONG_UNALIGNED;
        bytes.set(layout, at, Long.reverseBytes(bytes.get(layout, at)));
      }
      default -> throw new AssertionError(width);
    }
  }

  private static Optional<List<Field>> fields(TensorType type) {
    return switch (type) {
      case F32, F16, BF16, F64, I8, I16, I32, I64, U8, U16, U32, U64, BOOL, F8_E4M3, F8_E5M2 ->
          type.blockBytes() == 1
              ? Optional.of(List.of())
              : Optional.of(List.of(new Field(0, type.blockBytes(), 1)));
      case Q4_0, Q8_0, IQ4_NL, Q1_0, Q2_0, IQ3_S, IQ2_S -> Optional.of(D_FIRST);
      case Q4_1, Q8_1, Q4_K, Q5_K -> Optional.of(D_AND_M_FIRST);
      case Q5_0 -> of(new Field(0, 2, 1), new Field(2, 4, 1));
      case Q5_1 -> of(new Field(0, 2, 2), new Field(4, 4, 1));
      case Q2_K -> of(new Field(80, 2, 2));
      case Q3_K -> of(new Field(108, 2, 1));
      case Q6_K -> of(new Field(208, 2, 1));
      case Q8_K -> of(new Field(0, 4, 1), new Field(260, 2, 16));
      case IQ2_XXS -> Optional.empty();
      case IQ2_XS -> of(new Field(0, 2, 33));
      case IQ3_XXS -> of(new Field(0, 2, 1), new Field(66, 4, 8));
      case IQ1_S -> of(new Field(0, 2, 1), new Field(34, 2, 8));
      case IQ4_XS -> of(new Field(0, 2, 2));
      case IQ1_M -> of(new Field(48, 2, 4));
      case TQ1_0 -> of(new Field(52, 2, 1));
      case TQ2_0 -> of(new Field(64, 2, 1));
      case MXFP4, NVFP4 -> Optional.of(List.of());
    };
  }

  private static Optional<List<Field>> of(Field... fields) {
    return Optional.of(Arrays.asList(fields));
  }
}
