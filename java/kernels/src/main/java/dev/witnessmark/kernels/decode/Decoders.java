package dev.witnessmark.kernels.decode;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.VectorWidth;
import java.util.List;

/** Every tensor type × every implementation. A decoder belongs to one thread: ask for one each. */
public final class Decoders {

  private Decoders() {}

  /** The formula, element by element. */
  public static Decoder scalar(TensorType type) {
    return new ScalarDecoder(type);
  }

  /** The fastest one that {@link VectorWidth} allows. */
  public static Decoder best(TensorType type) {
    return VectorWidth.available() ? vector(type) : scalar(type);
  }

  /** All that can run in this process, the scalar one first. */
  public static List<Decoder> all(TensorType type) {
    Decoder best = best(type);
    return best instanceof ScalarDecoder ? List.of(best) : List.of(scalar(type), best);
  }

  /** Whether {@link Decoder#bounds} exists for {@code type}, without making a decoder. */
  public static boolean hasDerivedBound(TensorType type) {
    return Rounding.isDerived(type);
  }

  /**
   * What takes blocks apart on the Vector API, for the types that have an integer product.
   *
   * @throws IllegalArgumentException for other types
   */
  public static Unpacker unpacker(TensorType type) {
    return switch (type) {
      case Q4_0 -> NibbleUnpackers::q4_0;
      case Q4_1 -> NibbleUnpackers::q4_1;
      case Q5_0 -> NibbleUnpackers::q5_0;
      case Q5_1 -> NibbleUnpackers::q5_1;
      case Q8_0 -> KUnpackers::q8_0;
      case IQ4_NL -> NibbleUnpackers::iq4Nl;
      case Q2_K -> KUnpackers::q2k;
      case Q3_K -> KUnpackers::q3k;
      case Q4_K -> KUnpackers::q4k;
      case Q5_K -> KUnpackers::q5k;
      case Q6_K -> KUnpackers::q6k;
      case IQ4_XS -> NibbleUnpackers::iq4Xs;
      default -> throw new IllegalArgumentException("%s has no integer product".formatted(type));
    };
  }

  /** The decoder on the Vector API; the scalar one for types that have none. */
  private static Decoder vector(TensorType type) {
    return switch (type) {
      case Q4_0, Q5_0, Q8_0 -> scaled(type, unpacker(type));
      case Q4_1, Q5_1 -> scaledAndOffset(type, unpacker(type));
      case Q3_K, Q6_K -> superScaled(type, unpacker(type));
      case Q2_K, Q4_K, Q5_K -> superScaledAndOffset(type, unpacker(type));
      case Q8_1 -> scaled(type, KUnpackers::q8_1);
      case Q8_K -> scaled(type, KUnpackers::q8k);
      case IQ2_XXS -> superScaled(type, LatticeUnpackers::iq2Xxs);
      case IQ2_XS -> superScaled(type, LatticeUnpackers::iq2Xs);
      case IQ2_S -> superScaled(type, LatticeUnpackers::iq2S);
      case IQ3_XXS -> superScaled(type, LatticeUnpackers::iq3Xxs);
      case IQ3_S -> superScaled(type, LatticeUnpackers::iq3S);
      case IQ1_S -> superScaled(type, LatticeUnpackers::iq1S);
      case IQ1_M -> superScaled(type, LatticeUnpackers::iq1M);
      case IQ4_NL -> scaled(type, unpacker(type), NibbleUnpackers::iq4NlGaps);
      case IQ4_XS -> superScaled(type, unpacker(type), NibbleUnpackers::iq4XsGaps);
      case MXFP4 -> scaled(type, NibbleUnpackers::mxfp4, NibbleUnpackers::mxfp4Gaps);
      case NVFP4 -> scaled(type, NibbleUnpackers::nvfp4, NibbleUnpackers::nvfp4Gaps);
      case TQ1_0 -> scaled(type, FewBitsUnpackers::tq1_0);
      case TQ2_0 -> superScaled(type, KUnpackers::tq2_0);
      case Q1_0 -> scaled(type, FewBitsUnpackers::q1_0);
      case Q2_0 -> scaled(type, FewBitsUnpackers::q2_0);
      case F32 -> plain(type, FloatKernels::f32);
      case F16 -> plain(type, new F16Kernel()::decode);
      case BF16 -> plain(type, FloatKernels::bf16);
      case F8_E4M3 -> plain(type, FloatKernels::e4m3);
      case F8_E5M2 -> plain(type, FloatKernels::e5m2);
      case F64 -> plain(type, FloatKernels::f64);
      case I8 -> plain(type, IntegerKernels::i8);
      case U8 -> plain(type, IntegerKernels::u8);
      case BOOL -> plain(type, IntegerKernels::bool);
      case I16 -> plain(type, IntegerKernels::i16);
      case U16 -> plain(type, IntegerKernels::u16);
      case I32 -> plain(type, IntegerKernels::i32);
      case U32 -> plain(type, IntegerKernels::u32);
      case I64, U64 -> scalar(type); // tables of positions: too rare for a vector shape of longs
    };
  }

  private static Decoder plain(TensorType type, VectorPlainDecoder.Kernel kernel) {
    return new VectorPlainDecoder(type, kernel);
  }

  private static Decoder scaled(TensorType type, Unpacker unpacker) {
    return scaled(type, unpacker, unpacker);
  }

  private static Decoder scaled(TensorType type, Unpacker unpacker, Unpacker boundUnpacker) {
    return new VectorBlockDecoder(type, unpacker, boundUnpacker, false, false);
  }

  private static Decoder scaledAndOffset(TensorType type, Unpacker unpacker) {
    return new VectorBlockDecoder(type, unpacker, unpacker, false, true);
  }

  private static Decoder superScaled(TensorType type, Unpacker unpacker) {
    return superScaled(type, unpacker, unpacker);
  }

  private static Decoder superScaled(TensorType type, Unpacker unpacker, Unpacker boundUnpacker) {
    return new VectorBlockDecoder(type, unpacker, boundUnpacker, true, false);
  }

  private static Decoder superScaledAndOffset(TensorType type, Unpacker unpacker) {
    return new VectorBlockDecoder(type, unpacker, unpacker, true, true);
  }
}
