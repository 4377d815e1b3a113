package dev.witnessmark.kernels.decode;

import static dev.witnessmark.kernels.decode.Stored.f16;
import static dev.witnessmark.kernels.decode.Stored.f32;
import static dev.witnessmark.kernels.decode.Stored.i8;
import static dev.witnessmark.kernels.decode.Stored.u16;
import static dev.witnessmark.kernels.decode.Stored.u32;
import static dev.witnessmark.kernels.decode.Stored.u8;

import dev.witnessmark.format.TensorType;
import java.lang.foreign.MemorySegment;

/**
 * The block formats as formulas: one element at a time, nothing shared, nothing prepared. The value
 * of element e of the block at byte b is scale · code, plus an offset in the types with a minimum.
 * The layouts are those of ggml 0.21.
 *
 * @param type a block type
 */
public record BlockFormula(TensorType type) {

  public float value(MemorySegment s, long b, int e) {
    float product = scale(s, b, e) * code(s, b, e);
    return hasOffset() ? product + offset(s, b, e) : product;
  }

  /** The integer that is stored for element e, from a table where the format has one. */
  public int code(MemorySegment s, long b, int e) {
    return switch (type) {
      case Q4_0 -> nibble(u8(s, b + 2 + e % 16), e / 16) - 8;
      case Q4_1 -> nibble(u8(s, b + 4 + e % 16), e / 16);
      case Q5_0 -> (nibble(u8(s, b + 6 + e % 16), e / 16) | bit(u32(s, b + 2), e) << 4) - 16;
      case Q5_1 -> nibble(u8(s, b + 8 + e % 16), e / 16) | bit(u32(s, b + 4), e) << 4;
      case Q8_0 -> i8(s, b + 2 + e);
      case Q8_1, Q8_K -> i8(s, b + 4 + e);
      case Q2_K -> twoBits(s, b + 16, e);
      case Q3_K -> twoBits(s, b + 32, e) - 4 * (1 - bit(u8(s, b + e % 32), e / 32));
      case Q4_K -> nibble(u8(s, b + 16 + e / 64 * 32L + e % 32), e % 64 / 32);
      case Q5_K ->
          nibble(u8(s, b + 48 + e / 64 * 32L + e % 32), e % 64 / 32)
              | bit(u8(s, b + 16 + e % 32), e / 32) << 4;
      case Q6_K -> sixBits(s, b, e / 128, e % 128 / 32, e % 32) - 32;
      case IQ4_NL, IQ4_XS -> Codebooks.IQ4[tableIndex(s, b, e)];
      case MXFP4, NVFP4 -> Codebooks.FP4[tableIndex(s, b, e)];
      case TQ1_0 -> ternaryDigit(s, b, e) - 1;
      case TQ2_0 -> twoBits(s, b, e) - 1;
      case Q1_0 -> 2 * bit(u8(s, b + 2 + e / 8), e % 8) - 1;
      case Q2_0 -> ((u8(s, b + 2 + e / 4) >> (2 * (e % 4))) & 3) - 1;
      case IQ2_XXS -> {
        int i = e / 8;
        long group = b + 2 + i / 4 * 8L;
        int index = u8(s, group + i % 4);
        int signs = withParity((int) (u32(s, group + 4) >> (7 * (i % 4))) & 127);
        yield signed(element(Codebooks.IQ2_XXS[index], e % 8), signs, e % 8);
      }
      case IQ2_XS -> {
        int word = u16(s, b + 2 + e / 8 * 2L);
        yield signed(element(Codebooks.IQ2_XS[word & 511], e % 8), withParity(word >> 9), e % 8);
      }
      case IQ2_S -> {
        int i = e / 8;
        int index = u8(s, b + 2 + i) | ((u8(s, b + 66 + i / 4) >> (2 * (i % 4))) & 3) << 8;
        yield signed(element(Codebooks.IQ2_S[index], e % 8), u8(s, b + 34 + i), e % 8);
      }
      case IQ3_XXS -> {
        int i = e / 8;
        int index = u8(s, b + 2 + e / 4);
        int signs = withParity((int) (u32(s, b + 66 + i / 4 * 4L) >> (7 * (i % 4))) & 127);
        yield signed(element(Codebooks.IQ3_XXS[index], e % 4), signs, e % 8);
      }
      case IQ3_S -> {
        int k = e / 4;
        int index = u8(s, b + 2 + k) | bit(u8(s, b + 66 + k / 8), k % 8) << 8;
        yield signed(element(Codebooks.IQ3_S[index], e % 4), u8(s, b + 74 + e / 8), e % 8);
      }
      case IQ1_S -> {
        int i = e / 8;
        int high = u16(s, b + 34 + i / 4 * 2L);
        int index = u8(s, b + 2 + i) | ((high >> (3 * (i % 4))) & 7) << 8;
        yield 8 * element(Codebooks.IQ1[index], e % 8) + (bit(high, 15) == 1 ? -1 : 1);
      }
      case IQ1_M -> {
        int i = e / 8;
        int high = nibble(u8(s, b + 32 + i / 2), i % 2);
        int index = u8(s, b + i) | (high & 7) << 8;
        yield 8 * element(Codebooks.IQ1[index], e % 8) + (bit(high, 3) == 1 ? -1 : 1);
      }
      default -> throw new AssertionError(type);
    };
  }

  /** Index of element e in the table of its type. */
  int tableIndex(MemorySegment s, long b, int e) {
    return switch (type) {
      case IQ4_NL -> nibble(u8(s, b + 2 + e % 16), e / 16);
      case IQ4_XS -> nibble(u8(s, b + 8 + e / 32 * 16L + e % 16), e % 32 / 16);
      case MXFP4 -> nibble(u8(s, b + 1 + e % 16), e / 16);
      case NVFP4 -> nibble(u8(s, b + 4 + e / 16 * 8L + e % 8), e % 16 / 8);
      default -> throw new AssertionError(type);
    };
  }

  /** The factor of the code of element e. */
  public float scale(MemorySegment s, long b, int e) {
    int g = e / 32;
    return switch (type) {
      case Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q8_1, IQ4_NL, Q1_0, Q2_0 -> f16(s, b);
      case Q8_K -> f32(s, b);
      case Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_XS -> blockScale(s, b) * scaleCode(s, b, e);
      case MXFP4 -> Math.scalb(1f, u8(s, b) - 128);
      case NVFP4 -> nvfp4Scale(u8(s, b + e / 16)) * 0.5f;
      case TQ1_0 -> f16(s, b + 52);
      case TQ2_0 -> f16(s, b + 64);
      case IQ2_XXS -> f16(s, b) * (0.5f + (u32(s, b + 6 + g * 8L) >> 28)) * 0.25f;
      case IQ2_XS -> f16(s, b) * (0.5f + nibble(u8(s, b + 66 + g), e % 32 / 16)) * 0.25f;
      case IQ2_S -> f16(s, b) * (0.5f + nibble(u8(s, b + 74 + g), e % 32 / 16)) * 0.25f;
      case IQ3_XXS -> f16(s, b) * (0.5f + (u32(s, b + 66 + g * 4L) >> 28)) * 0.5f;
      case IQ3_S -> f16(s, b) * (1 + 2 * nibble(u8(s, b + 106 + g / 2), g % 2));
      case IQ1_S -> f16(s, b) * (2 * ((u16(s, b + 34 + g * 2L) >> 12) & 7) + 1) * 0.125f;
      case IQ1_M -> {
        int word = u16(s, b + 48 + g / 2 * 2L);
        int threeBits = (word >> (6 * (g % 2) + 3 * (e % 32 / 16))) & 7;
        yield f16FromTopNibbles(s, b + 48) * (2 * threeBits + 1) * 0.125f;
      }
      default -> throw new AssertionError(type);
    };
  }

  /** The factor of the scale codes. */
  public float blockScale(MemorySegment s, long b) {
    return switch (type) {
      case Q4_K, Q5_K, IQ4_XS -> f16(s, b);
      case Q2_K -> f16(s, b + 80);
      case Q3_K -> f16(s, b + 108);
      case Q6_K -> f16(s, b + 208);
      default -> throw new AssertionError(type);
    };
  }

  /** The integer that is stored as scale of element e. */
  public int scaleCode(MemorySegment s, long b, int e) {
    int g = e / 32;
    return switch (type) {
      case Q2_K -> u8(s, b + e / 16) & 15;
      case Q3_K -> sixBitScaleOfQ3(s, b + 96, e / 16) - 32;
      case Q4_K, Q5_K -> sixBitScale(s, b + 4, g);
      case Q6_K -> i8(s, b + 192 + e / 16);
      case IQ4_XS ->
          (nibble(u8(s, b + 4 + g / 2), g % 2) | ((u16(s, b + 2) >> (2 * g)) & 3) << 4) - 32;
      default -> throw new AssertionError(type);
    };
  }

  public boolean hasOffset() {
    return switch (type) {
      case Q4_1, Q5_1, Q2_K, Q4_K, Q5_K -> true;
      default -> false;
    };
  }

  /** What is added to scale · code for element e. */
  public float offset(MemorySegment s, long b, int e) {
    return switch (type) {
      case Q4_1, Q5_1 -> f16(s, b + 2);
      case Q2_K, Q4_K, Q5_K -> -(blockMinimum(s, b) * minimumCode(s, b, e));
      default -> throw new AssertionError(type);
    };
  }

  /** The factor of the minimum codes. */
  public float blockMinimum(MemorySegment s, long b) {
    return switch (type) {
      case Q2_K -> f16(s, b + 82);
      case Q4_K, Q5_K -> f16(s, b + 2);
      default -> throw new AssertionError(type);
    };
  }

  /** The integer that is stored as minimum of element e. */
  public int minimumCode(MemorySegment s, long b, int e) {
    return switch (type) {
      case Q2_K -> u8(s, b + e / 16) >> 4;
      case Q4_K, Q5_K -> sixBitMinimum(s, b + 4, e / 32);
      default -> throw new AssertionError(type);
    };
  }

  /** The scale byte of NVFP4: E4M3 whose bit 7 is ignored; code 127 means 0. */
  private static float nvfp4Scale(int x) {
    return x == 127 ? 0 : PlainFormula.unsignedE4M3(x);
  }

  private static int nibble(int b, int k) {
    return (b >> (4 * k)) & 15;
  }

  private static int bit(long bits, int k) {
    return (int) (bits >> k) & 1;
  }

  private static int element(long entry, int k) {
    return (byte) (entry >> (8 * k));
  }

  private static int signed(int magnitude, int signs, int k) {
    return bit(signs, k) == 1 ? -magnitude : magnitude;
  }

  /** Eight sign bits from seven: the eighth is the parity of the others. */
  private static int withParity(int sevenBits) {
    return sevenBits | (Integer.bitCount(sevenBits) & 1) << 7;
  }

  private static int twoBits(MemorySegment s, long qs, int e) {
    return (u8(s, qs + e / 128 * 32L + e % 32) >> (2 * (e % 128 / 32))) & 3;
  }

  private static int sixBits(MemorySegment s, long b, int n, int k, int l) {
    return nibble(u8(s, b + 64L * n + l + 32L * (k % 2)), k / 2)
        | ((u8(s, b + 128 + 32L * n + l) >> (2 * k)) & 3) << 4;
  }

  private static int sixBitScaleOfQ3(MemorySegment s, long scales, int j) {
    return nibble(u8(s, scales + j % 8), j / 8)
        | ((u8(s, scales + 8 + j % 4) >> (2 * (j / 4))) & 3) << 4;
  }

  /** Scale of group j of 32 elements in Q4_K and Q5_K. */
  private static int sixBitScale(MemorySegment s, long at, int j) {
    return j < 4 ? u8(s, at + j) & 63 : (u8(s, at + j + 4) & 15) | (u8(s, at + j - 4) >> 6) << 4;
  }

  /** Minimum of group j of 32 elements in Q4_K and Q5_K. */
  private static int sixBitMinimum(MemorySegment s, long at, int j) {
    return j < 4 ? u8(s, at + j + 4) & 63 : (u8(s, at + j + 4) >> 4) | (u8(s, at + j) >> 6) << 4;
  }

  private static float f16FromTopNibbles(MemorySegment s, long words) {
    int bits = 0;
    for (int k = 0; k < 4; k++) {
      bits |= (u16(s, words + 2L * k) >> 12) << (4 * k);
    }
    return Float.float16ToFloat((short) bits);
  }

  private static int ternaryDigit(MemorySegment s, long b, int e) {
    if (e < 160) {
      return digit(u8(s, b + e % 32), e / 32);
    }
    return e < 240
        ? digit(u8(s, b + 32 + (e - 160) % 16), (e - 160) / 16)
        : digit(u8(s, b + 48 + (e - 240) % 4), (e - 240) / 4);
  }

  private static int digit(int b, int n) {
    int power = 1;
    for (int k = 0; k < n; k++) {
      power *= 3;
    }
    return (b * power % 256 * 3) >> 8;
  }
}
