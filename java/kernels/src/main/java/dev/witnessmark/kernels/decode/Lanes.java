package dev.witnessmark.kernels.decode;

import dev.witnessmark.kernels.VectorWidth;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector shapes of this process, constants to the compiler: one for each type of element.
 *
 * <p>Two rules keep vectors in registers and loops at speed, in the whole process, because all
 * kernels share the profiles of the Vector API's own methods:
 *
 * <ul>
 *   <li>One shape for each type of element. Where a method of {@code ShortVector} has seen two
 *       shapes, both are compiled behind a test of the object's class, and there must be an object.
 *   <li>No vector is reinterpreted and none is loaded from a heap segment. Until it is compiled, a
 *       reinterpretation goes through a heap segment; once segments of both kinds have been seen,
 *       every access is fenced, and loops over segments are six times slower.
 * </ul>
 */
public final class Lanes {

  public static final VectorSpecies<Float> FLOATS = species(float.class, VectorWidth.bits());
  public static final VectorSpecies<Integer> INTS = species(int.class, VectorWidth.bits());

  /** As many shorts as there are {@link #FLOATS}. */
  public static final VectorSpecies<Short> SHORTS = species(short.class, VectorWidth.bits() / 2);

  /** Sixteen bytes, at 512 bits as many as there are {@link #FLOATS}; else the first are used. */
  public static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_128;

  /** Bytes that {@link #BYTES} reads beyond the last lane that is used. */
  public static final int BYTES_EXCESS = BYTES.length() - FLOATS.length();

  private Lanes() {}

  private static <E> VectorSpecies<E> species(Class<E> element, int bits) {
    return VectorSpecies.of(element, VectorShape.forBitSize(bits));
  }
}
