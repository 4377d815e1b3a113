package dev.witnessmark.kernels.decode;

import dev.witnessmark.format.TensorType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The tables that belong to the formats: the lattice points of the IQ types and the values of the
 * 4-bit codes.
 *
 * <p>A lattice entry is eight (or, for IQ3, four) bytes in one integer, the first element in the
 * lowest byte. The arrays are read, never written. {@code codebooks.bin} and the README beside it
 * hold the lattices and their layout.
 */
final class Codebooks {

  /** 256 points of {8, 25, 43}^8. */
  static final long[] IQ2_XXS;

  /** 512 points of {8, 25, 43}^8. */
  static final long[] IQ2_XS;

  /** 1024 points of {8, 25, 43}^8. */
  static final long[] IQ2_S;

  /** 256 points of {4, 12, 20, 28, 36, 44, 52, 62}^4. */
  static final int[] IQ3_XXS;

  /** 512 points of {1, 3, ... 15}^4. */
  static final int[] IQ3_S;

  /** 2048 points of {-1, 0, 1}^8 for IQ1_S and IQ1_M. */
  static final long[] IQ1;

  /** Values of the codes of IQ4_NL and IQ4_XS. */
  static final byte[] IQ4 = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };

  /** Twice the values of the codes of MXFP4 and NVFP4; code 8 gives +0. */
  static final byte[] FP4 = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

  /**
   * Gaps of {@link #IQ4} by code: the larger of the two beside a value, at the ends three times.
   */
  static final byte[] IQ4_XS_GAPS = {
    69, 23, 21, 18, 16, 14, 13, 12, 12, 12, 13, 15, 16, 20, 24, 72
  };

  /**
   * The same for IQ4_NL, whose reference quantiser finds the codes with the scale that maps the
   * largest magnitude to 127 and then replaces it by the least-squares one. With the largest
   * element exact and 31 others at most half a gap off, that changes the scale by 15.2 % at most,
   * so a gap grows by that, and by twice 15.2 % of the value it is beside.
   */
  static final byte[] IQ4_NL_GAPS = {
    69, 58, 50, 41, 34, 27, 22, 17, 15, 18, 23, 29, 35, 44, 55, 72
  };

  /** Gaps of {@link #FP4} by code, likewise; both zeros lie between -1 and 1. */
  static final byte[] FP4_GAPS = {1, 1, 1, 1, 2, 2, 4, 12, 1, 1, 1, 1, 2, 2, 4, 12};

  private static final String RESOURCE = "codebooks.bin";

  static {
    ByteBuffer words = read();
    IQ2_XXS = points8(words, 256, 8, 25, 43);
    IQ2_XS = points8(words, 512, 8, 25, 43);
    IQ2_S = points8(words, 1024, 8, 25, 43);
    IQ3_XXS = points4(words, 256, 4, 12, 20, 28, 36, 44, 52, 62);
    IQ3_S = points4(words, 512, 1, 3, 5, 7, 9, 11, 13, 15);
    IQ1 = points8(words, 2048, -1, 0, 1);
  }

  private Codebooks() {}

  /** The smaller gap of the two ends of a type's table, larger than any gap inside. */
  static int smallestEndGap(TensorType type) {
    return switch (type) {
      case IQ4_NL, IQ4_XS -> 69;
      case MXFP4, NVFP4 -> 12;
      default -> throw new AssertionError(type);
    };
  }

  private static ByteBuffer read() {
    try (InputStream resource = Codebooks.class.getResourceAsStream(RESOURCE)) {
      if (resource == null) {
        throw new IllegalStateException(RESOURCE + " is missing beside " + Codebooks.class);
      }
      return ByteBuffer.wrap(resource.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static long[] points8(ByteBuffer words, int entries, int... levels) {
    long[] table = new long[entries];
    for (int index = 0; index < entries; index++) {
      table[index] = point(words.getShort(), 8, 2, levels);
    }
    return table;
  }

  private static int[] points4(ByteBuffer words, int entries, int... levels) {
    int[] table = new int[entries];
    for (int index = 0; index < entries; index++) {
      table[index] = (int) point(words.getShort(), 4, 3, levels);
    }
    return table;
  }

  private static long point(short word, int elements, int digitBits, int[] levels) {
    long entry = 0;
    for (int element = 0; element < elements; element++) {
      int digit = (word >>> (digitBits * element)) & ((1 << digitBits) - 1);
      entry |= (levels[digit] & 0xffL) << (8 * element);
    }
    return entry;
  }
}
