package dev.witnessmark.kernels.decode;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Some blocks taken apart into codes and scales, on their way to values: value = scale · code, or
 * scale · code + offset, with one scale and offset for each group of 16 elements.
 *
 * <p>In the types with blocks of 256 elements the scales are codes themselves, times a scale of the
 * block: scale = blockScale · scaleCode and offset = blockOffset · offsetCode. The other types have
 * {@link #scales} and {@link #offsets} at once.
 */
public final class Unpacked {

  /** Most elements that are taken apart at once: values and scratch stay in the first cache. */
  public static final int CAPACITY = 2048;

  static final int LOG_GROUP = 4;
  public static final int GROUP = 1 << LOG_GROUP;
  static final int GROUPS = CAPACITY / GROUP;

  /** Blocks of 256 elements. */
  static final int BLOCKS = CAPACITY / 256;

  /** One byte per element; native memory, so that pairs of bytes can be stored as shorts. */
  public final MemorySegment codes = Arena.ofAuto().allocate(CAPACITY + Lanes.BYTES_EXCESS, 64);

  public final float[] scales = new float[GROUPS];
  public final float[] offsets = new float[GROUPS];

  /** One byte per group. */
  public final byte[] scaleCodes = new byte[GROUPS + Lanes.BYTES_EXCESS];

  public final byte[] offsetCodes = new byte[GROUPS + Lanes.BYTES_EXCESS];

  public final float[] blockScales = new float[BLOCKS];
  public final float[] blockOffsets = new float[BLOCKS];

  /** Sets the scale of both groups of block {@code block} of 32 elements. */
  void scale32(int block, float scale) {
    scales[2 * block] = scale;
    scales[2 * block + 1] = scale;
  }

  /** Sets the offset of both groups of block {@code block} of 32 elements. */
  void offset32(int block, float offset) {
    offsets[2 * block] = offset;
    offsets[2 * block + 1] = offset;
  }
}
