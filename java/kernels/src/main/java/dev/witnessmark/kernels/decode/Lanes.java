package dev.witnessmark.kernels.decode;

import dev.witnessmark.kernels.VectorWidth;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector shapes of this process, constants to the compiler.
 *
 * <p>Kernels of this package neither reinterpret vectors nor load them from heap segments. Until it
 * is compiled, a reinterpretation goes through a heap segment, and the compiler takes note that
 * segments are of two kinds: from then on all accesses to segments are fenced, and loops over them
 * six times slower, in the whole process.
 */
final class Lanes {

  static final VectorSpecies<Float> FLOATS = species(float.class, VectorWidth.bits());
  static final VectorSpecies<Integer> INTS = species(int.class, VectorWidth.bits());
  static final VectorSpecies<Double> DOUBLES = species(double.class, VectorWidth.bits());

  /** As many floats as there are {@link #DOUBLES}. */
  static final VectorSpecies<Float> HALF_FLOATS = species(float.class, VectorWidth.bits() / 2);

  /** As many shorts as there are {@link #FLOATS}. */
  static final VectorSpecies<Short> SHORTS = species(short.class, VectorWidth.bits() / 2);

  /**
   * As many bytes as there are {@link #FLOATS}; at 128 bits twice as many, because no vector is
   * shorter than 64 bits: then the first half is used.
   */
  static final VectorSpecies<Byte> BYTES =
      species(byte.class, Math.max(64, VectorWidth.bits() / 4));

  /** The widest vector that is not longer than 32 bytes, as shorts. */
  static final VectorSpecies<Short> UP_TO_32_BYTES =
      species(short.class, Math.min(256, VectorWidth.bits()));

  /** Bytes that {@link #BYTES} reads beyond the last lane that is used. */
  static final int BYTES_EXCESS = BYTES.length() - FLOATS.length();

  static final VectorSpecies<Byte> SIXTEEN_BYTES = ByteVector.SPECIES_128;

  static final VectorSpecies<Short> EIGHT_SHORTS = ShortVector.SPECIES_128;

  private Lanes() {}

  private static <E> VectorSpecies<E> species(Class<E> element, int bits) {
    return VectorSpecies.of(element, VectorShape.forBitSize(bits));
  }
}
