package dev.witnessmark.kernels.decode;

import static dev.witnessmark.kernels.decode.Stored.f16;
import static dev.witnessmark.kernels.decode.Stored.f32;
import static dev.witnessmark.kernels.decode.Stored.f64;
import static dev.witnessmark.kernels.decode.Stored.i16;
import static dev.witnessmark.kernels.decode.Stored.i32;
import static dev.witnessmark.kernels.decode.Stored.i64;
import static dev.witnessmark.kernels.decode.Stored.i8;
import static dev.witnessmark.kernels.decode.Stored.u16;
import static dev.witnessmark.kernels.decode.Stored.u32;
import static dev.witnessmark.kernels.decode.Stored.u8;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorType.Family;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * The formats as formulas: one element at a time, nothing shared, nothing prepared. What the vector
 * decoders are held to.
 *
 * <p>The value of element e of the block at byte b is scale · code, or scale · code + offset for
 * the types with a minimum. The layouts are those of ggml 0.21.
 */
final class ScalarDecoder implements Decoder {

  private final TensorType type;

  ScalarDecoder(TensorType type) {
    this.type = type;
  }

  @Override
  public TensorType type() {
    return type;
  }

  @Override
  public String implementation() {
    return "scalar";
  }

  @Override
  public void decode(
      MemorySegment stored, long storedAt, MemorySegment values, long valuesAt, int elements) {
    Objects.checkFromIndexSize(storedAt, type.bytes(elements), stored.byteSize());
    Objects.checkFromIndexSize(valuesAt, 4L * elements, values.byteSize());
    for (int i = 0; i < elements; i++) {
      long block = storedAt + (long) (i / type.blockElements()) * type.blockBytes();
      int e = i % type.blockElements();
      float value =
          type.family() == Family.BLOCK ? inBlock(stored, block, e) : plain(stored, block);
      values.set(ValueLayout.JAVA_FLOAT_UNALIGNED, valuesAt + 4L * i, value);
    }
  }

  private float inBlock(MemorySegment s, long b, int e) {
    float product = scale(s, b, e) * code(s, b, e);
    return switch (type) {
      case Q4_1, Q5_1 -> product + f16(s, b + 2);
      case Q2_K -> product - f16(s, b + 82) * (u8(s, b + e / 16) >> 4);
      case Q4_K, Q5_K -> product - f16(s, b + 2) * sixBitMinimum(s, b + 4, e / 32);
      default -> product;
    };
  }

  /** The integer that is stored for element e, from a table where the format has one. */
  private int code(MemorySegment s, long b, int e) {
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
      case IQ4_NL -> Codebooks.IQ4[nibble(u8(s, b + 2 + e % 16), e / 16)];
      case IQ4_XS -> Codebooks.IQ4[nibble(u8(s, b + 8 + e / 32 * 16L + e % 16), e % 32 / 16)];
      case MXFP4 -> Codebooks.FP4[nibble(u8(s, b + 1 + e % 16), e / 16)];
      case NVFP4 -> Codebooks.FP4[nibble(u8(s, b + 4 + e / 16 * 8L + e % 8), e % 16 / 8)];
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

  /** The factor of the code of element e. */
  private float scale(MemorySegment s, long b, int e) {
    int g = e / 32;
    return switch (type) {
      case Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q8_1, IQ4_NL, Q1_0, Q2_0 -> f16(s, b);
      case Q8_K -> f32(s, b);
      case Q2_K -> f16(s, b + 80) * (u8(s, b + e / 16) & 15);
      case Q3_K -> f16(s, b + 108) * (sixBitScaleOfQ3(s, b + 96, e / 16) - 32);
      case Q4_K, Q5_K -> f16(s, b) * sixBitScale(s, b + 4, g);
      case Q6_K -> f16(s, b + 208) * i8(s, b + 192 + e / 16);
      case IQ4_XS ->
          f16(s, b)
              * ((nibble(u8(s, b + 4 + g / 2), g % 2) | ((u16(s, b + 2) >> (2 * g)) & 3) << 4)
                  - 32);
      case MXFP4 -> Math.scalb(1f, u8(s, b) - 128);
      case NVFP4 -> unsignedE4M3(u8(s, b + e / 16)) * 0.5f;
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

  private float plain(MemorySegment s, long at) {
    return switch (type) {
      case F32 -> f32(s, at);
      case F16 -> f16(s, at);
      case BF16 -> Float.intBitsToFloat(i16(s, at) << 16);
      case F64 -> (float) f64(s, at);
      case F8_E4M3 -> e4m3(u8(s, at));
      case F8_E5M2 -> Float.float16ToFloat((short) (i8(s, at) << 8));
      case I8 -> i8(s, at);
      case I16 -> i16(s, at);
      case I32 -> i32(s, at);
      case I64 -> i64(s, at);
      case U8 -> u8(s, at);
      case U16 -> u16(s, at);
      case U32 -> u32(s, at);
      case U64 -> unsigned(i64(s, at));
      case BOOL -> i8(s, at) == 0 ? 0 : 1;
      default -> throw new AssertionError(type);
    };
  }

  /** OCP E4M3 without infinities: bias 7, the largest magnitude code is NaN. */
  private static float e4m3(int x) {
    float magnitude = (x & 127) == 127 ? Float.NaN : unsignedE4M3OfFinite(x);
    return x < 128 ? magnitude : -magnitude;
  }

  /** The scale byte of NVFP4: E4M3 whose bit 7 is ignored; code 127 means 0. */
  private static float unsignedE4M3(int x) {
    return x == 127 ? 0 : unsignedE4M3OfFinite(x);
  }

  private static float unsignedE4M3OfFinite(int x) {
    int exponent = (x >> 3) & 15;
    int mantissa = x & 7;
    return exponent == 0
        ? Math.scalb((float) mantissa, -9)
        : Math.scalb(1 + mantissa / 8f, exponent - 7);
  }

  /**
   * The nearest float to an unsigned integer. Half of a large one, made odd if a bit was lost,
   * rounds the same way as the whole.
   */
  private static float unsigned(long x) {
    return x >= 0 ? x : 2f * ((x >>> 1) | (x & 1));
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
