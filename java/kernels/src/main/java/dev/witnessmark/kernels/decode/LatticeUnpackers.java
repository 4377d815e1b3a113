package dev.witnessmark.kernels.decode;

import static dev.witnessmark.kernels.decode.PackedBytes.ONES;
import static dev.witnessmark.kernels.decode.PackedBytes.bits;
import static dev.witnessmark.kernels.decode.PackedBytes.minus;
import static dev.witnessmark.kernels.decode.PackedBytes.negated;
import static dev.witnessmark.kernels.decode.PackedBytes.nibbles;
import static dev.witnessmark.kernels.decode.PackedBytes.put8;
import static dev.witnessmark.kernels.decode.PackedBytes.twice;
import static dev.witnessmark.kernels.decode.Stored.f16;
import static dev.witnessmark.kernels.decode.Stored.i32;
import static dev.witnessmark.kernels.decode.Stored.i64;
import static dev.witnessmark.kernels.decode.Stored.u16;
import static dev.witnessmark.kernels.decode.Stored.u8;

import java.lang.foreign.MemorySegment;

/**
 * Types that store indices of lattice points, eight codes at a time in one long. Their scales are d
 * (2 s + 1) with a small integer s; where the format says d (0.5 + s), d is halved here, which is
 * exact.
 */
final class LatticeUnpackers {

  private LatticeUnpackers() {}

  static void iq2Xxs(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int group = 0; group < 8 * blocks; group++) {
      long from = at + 66L * (group >>> 3);
      into.blockScales[group >>> 3] = f16(stored, from) * 0.125f;
      scaleOf32(into, group, i32(stored, from + 6 + 8L * (group & 7)) >>> 28);
    }
    for (int i = 0; i < 32 * blocks; i++) {
      long from = at + 66L * (i >>> 5) + 2 + 8L * ((i >>> 2) & 7);
      long point = Codebooks.IQ2_XXS[u8(stored, from + (i & 3))];
      int signs = (i32(stored, from + 4) >>> (7 * (i & 3))) & 127;
      put8(into.codes, 8 * i, negated(point, bits(withParity(signs))));
    }
  }

  static void iq2Xs(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int block = 0; block < blocks; block++) {
      into.blockScales[block] = f16(stored, at + 74L * block) * 0.125f;
      scalesOf16(into, 16 * block, i64(stored, at + 74L * block + 66));
    }
    for (int i = 0; i < 32 * blocks; i++) {
      int word = u16(stored, at + 74L * (i >>> 5) + 2 + 2L * (i & 31));
      long point = Codebooks.IQ2_XS[word & 511];
      put8(into.codes, 8 * i, negated(point, bits(withParity(word >>> 9))));
    }
  }

  static void iq2S(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int block = 0; block < blocks; block++) {
      into.blockScales[block] = f16(stored, at + 82L * block) * 0.125f;
      scalesOf16(into, 16 * block, i64(stored, at + 82L * block + 74));
    }
    for (int i = 0; i < 32 * blocks; i++) {
      long from = at + 82L * (i >>> 5);
      int high = (u8(stored, from + 66 + ((i >>> 2) & 7)) >>> (2 * (i & 3))) & 3;
      long point = Codebooks.IQ2_S[u8(stored, from + 2 + (i & 31)) | (high << 8)];
      put8(into.codes, 8 * i, negated(point, bits(u8(stored, from + 34 + (i & 31)))));
    }
  }

  static void iq3Xxs(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int group = 0; group < 8 * blocks; group++) {
      long from = at + 98L * (group >>> 3);
      into.blockScales[group >>> 3] = f16(stored, from) * 0.25f;
      scaleOf32(into, group, i32(stored, from + 66 + 4L * (group & 7)) >>> 28);
    }
    for (int i = 0; i < 32 * blocks; i++) {
      long from = at + 98L * (i >>> 5);
      int indices = u16(stored, from + 2 + 2L * (i & 31));
      long points = pair(Codebooks.IQ3_XXS[indices & 0xff], Codebooks.IQ3_XXS[indices >>> 8]);
      int signs = (i32(stored, from + 66 + 4L * ((i >>> 2) & 7)) >>> (7 * (i & 3))) & 127;
      put8(into.codes, 8 * i, negated(points, bits(withParity(signs))));
    }
  }

  static void iq3S(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int block = 0; block < blocks; block++) {
      into.blockScales[block] = f16(stored, at + 110L * block);
      long scales = 2 * nibbles(i32(stored, at + 110L * block + 106)) + ONES;
      put8(into.scaleCodes, 16 * block, twice((int) scales));
      put8(into.scaleCodes, 16 * block + 8, twice((int) (scales >>> 32)));
    }
    for (int i = 0; i < 32 * blocks; i++) {
      long from = at + 110L * (i >>> 5);
      int indices = u16(stored, from + 2 + 2L * (i & 31));
      int high = u8(stored, from + 66 + ((i >>> 2) & 7)) >>> (2 * (i & 3));
      long points =
          pair(
              Codebooks.IQ3_S[(indices & 0xff) | ((high & 1) << 8)],
              Codebooks.IQ3_S[(indices >>> 8) | ((high & 2) << 7)]);
      put8(into.codes, 8 * i, negated(points, bits(u8(stored, from + 74 + (i & 31)))));
    }
  }

  static void iq1S(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int group = 0; group < 8 * blocks; group++) {
      long from = at + 50L * (group >>> 3);
      into.blockScales[group >>> 3] = f16(stored, from) * 0.125f;
      scaleOf32(into, group, (u16(stored, from + 34 + 2L * (group & 7)) >>> 12) & 7);
    }
    for (int i = 0; i < 32 * blocks; i++) {
      long from = at + 50L * (i >>> 5);
      int high = u16(stored, from + 34 + 2L * ((i >>> 2) & 7));
      int index = u8(stored, from + 2 + (i & 31)) | (((high >>> (3 * (i & 3))) & 7) << 8);
      put8(into.codes, 8 * i, shifted(Codebooks.IQ1[index], high >>> 15));
    }
  }

  static void iq1M(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int block = 0; block < blocks; block++) {
      long words = i64(stored, at + 56L * block + 48);
      int scale = 0;
      for (int k = 0; k < 4; k++) {
        int word = (int) (words >>> (16 * k)) & 0xffff;
        scale |= (word >>> 12) << (4 * k);
        for (int j = 0; j < 4; j++) {
          into.scaleCodes[16 * block + 4 * k + j] = (byte) (2 * ((word >>> (3 * j)) & 7) + 1);
        }
      }
      into.blockScales[block] = Float.float16ToFloat((short) scale) * 0.125f;
    }
    for (int i = 0; i < 32 * blocks; i++) {
      long from = at + 56L * (i >>> 5);
      int high = u8(stored, from + 32 + ((i >>> 1) & 15)) >>> (4 * (i & 1));
      int index = u8(stored, from + (i & 31)) | ((high & 7) << 8);
      put8(into.codes, 8 * i, shifted(Codebooks.IQ1[index], (high >>> 3) & 1));
    }
  }

  /** 8 entry + 1 in every byte, or 8 entry - 1 if {@code minus} is 1. */
  private static long shifted(long point, int minus) {
    // The entries -1, 0, 1 as 0, 8, 16: no byte carries into the next.
    long eightfold = (((point & (3 * ONES)) + ONES) & (3 * ONES)) << 3;
    return minus(eightfold + (9 - 2L * minus) * ONES, 16);
  }

  private static long pair(int low, int high) {
    return (low & 0xffff_ffffL) | ((long) high << 32);
  }

  /** Scale code 2 s + 1 for both groups of 16 in group {@code group} of 32. */
  private static void scaleOf32(Unpacked into, int group, int s) {
    byte code = (byte) (2 * s + 1);
    into.scaleCodes[2 * group] = code;
    into.scaleCodes[2 * group + 1] = code;
  }

  /** Scale codes 2 s + 1 from sixteen nibbles s. */
  private static void scalesOf16(Unpacked into, int group, long s) {
    put8(into.scaleCodes, group, 2 * nibbles((int) s) + ONES);
    put8(into.scaleCodes, group + 8, 2 * nibbles((int) (s >>> 32)) + ONES);
  }

  /** Eight sign bits from seven: the eighth is the parity of the others. */
  private static int withParity(int sevenBits) {
    return sevenBits | ((Integer.bitCount(sevenBits) & 1) << 7);
  }
}
