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
    for (int block = 0; block < blocks; block++, at += 66) {
      into.blockScales[block] = f16(stored, at) * 0.125f;
      for (int group = 0; group < 8; group++) {
        int indices = i32(stored, at + 2 + 8L * group);
        int signs = i32(stored, at + 6 + 8L * group);
        scaleOf32(into, 8 * block + group, signs >>> 28);
        for (int i = 0; i < 4; i++) {
          long point = Codebooks.IQ2_XXS[(indices >>> (8 * i)) & 0xff];
          int to = 256 * block + 32 * group + 8 * i;
          put8(into.codes, to, negated(point, bits(withParity((signs >>> (7 * i)) & 127))));
        }
      }
    }
  }

  static void iq2Xs(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int block = 0; block < blocks; block++, at += 74) {
      into.blockScales[block] = f16(stored, at) * 0.125f;
      scalesOf16(into, 16 * block, i64(stored, at + 66));
      for (int i = 0; i < 32; i++) {
        int word = u16(stored, at + 2 + 2L * i);
        long point = Codebooks.IQ2_XS[word & 511];
        put8(into.codes, 256 * block + 8 * i, negated(point, bits(withParity(word >>> 9))));
      }
    }
  }

  static void iq2S(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int block = 0; block < blocks; block++, at += 82) {
      into.blockScales[block] = f16(stored, at) * 0.125f;
      scalesOf16(into, 16 * block, i64(stored, at + 74));
      for (int i = 0; i < 32; i++) {
        int high = (u8(stored, at + 66 + i / 4) >>> (2 * (i % 4))) & 3;
        long point = Codebooks.IQ2_S[u8(stored, at + 2 + i) | (high << 8)];
        put8(into.codes, 256 * block + 8 * i, negated(point, bits(u8(stored, at + 34 + i))));
      }
    }
  }

  static void iq3Xxs(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int block = 0; block < blocks; block++, at += 98) {
      into.blockScales[block] = f16(stored, at) * 0.25f;
      for (int group = 0; group < 8; group++) {
        int signs = i32(stored, at + 66 + 4L * group);
        scaleOf32(into, 8 * block + group, signs >>> 28);
        for (int i = 0; i < 4; i++) {
          int indices = u16(stored, at + 2 + 8L * group + 2L * i);
          long points = pair(Codebooks.IQ3_XXS[indices & 0xff], Codebooks.IQ3_XXS[indices >>> 8]);
          int to = 256 * block + 32 * group + 8 * i;
          put8(into.codes, to, negated(points, bits(withParity((signs >>> (7 * i)) & 127))));
        }
      }
    }
  }

  static void iq3S(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int block = 0; block < blocks; block++, at += 110) {
      into.blockScales[block] = f16(stored, at);
      long scales = nibbles(i32(stored, at + 106));
      put8(into.scaleCodes, 16 * block, twice((int) (2 * scales + ONES)));
      put8(into.scaleCodes, 16 * block + 8, twice((int) ((2 * scales + ONES) >>> 32)));
      for (int i = 0; i < 32; i++) {
        int indices = u16(stored, at + 2 + 2L * i);
        int high = u8(stored, at + 66 + i / 4) >>> (2 * (i % 4));
        long points =
            pair(
                Codebooks.IQ3_S[(indices & 0xff) | ((high & 1) << 8)],
                Codebooks.IQ3_S[(indices >>> 8) | ((high & 2) << 7)]);
        put8(into.codes, 256 * block + 8 * i, negated(points, bits(u8(stored, at + 74 + i))));
      }
    }
  }

  static void iq1S(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int block = 0; block < blocks; block++, at += 50) {
      into.blockScales[block] = f16(stored, at) * 0.125f;
      for (int group = 0; group < 8; group++) {
        int high = u16(stored, at + 34 + 2L * group);
        scaleOf32(into, 8 * block + group, (high >>> 12) & 7);
        for (int i = 0; i < 4; i++) {
          int index = u8(stored, at + 2 + 4L * group + i) | (((high >>> (3 * i)) & 7) << 8);
          int to = 256 * block + 32 * group + 8 * i;
          put8(into.codes, to, shifted(Codebooks.IQ1[index], high >>> 15));
        }
      }
    }
  }

  static void iq1M(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int block = 0; block < blocks; block++, at += 56) {
      long words = i64(stored, at + 48);
      int scale = 0;
      for (int k = 0; k < 4; k++) {
        int word = (int) (words >>> (16 * k)) & 0xffff;
        scale |= (word >>> 12) << (4 * k);
        for (int j = 0; j < 4; j++) {
          into.scaleCodes[16 * block + 4 * k + j] = (byte) (2 * ((word >>> (3 * j)) & 7) + 1);
        }
      }
      into.blockScales[block] = Float.float16ToFloat((short) scale) * 0.125f;
      for (int i = 0; i < 32; i++) {
        int high = u8(stored, at + 32 + i / 2) >>> (4 * (i % 2));
        int index = u8(stored, at + i) | ((high & 7) << 8);
        put8(into.codes, 256 * block + 8 * i, shifted(Codebooks.IQ1[index], (high >>> 3) & 1));
      }
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
