package dev.witnessmark.kernels.decode;

import dev.witnessmark.format.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The formulas of the formats, element by element: what the vector decoders are held to. */
final class ScalarDecoder extends CheckedDecoder {

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private final BlockFormula blocks;
  private final BlockBound blockBound;
  private final PlainFormula plain;

  ScalarDecoder(TensorType type) {
    super(type);
    this.blocks = new BlockFormula(type);
    this.blockBound = new BlockBound(blocks);
    this.plain = new PlainFormula(type);
  }

  @Override
  public String implementation() {
    return "scalar";
  }

  @Override
  void decodeChecked(
      MemorySegment stored, long storedAt, MemorySegment values, long valuesAt, int elements) {
    for (int i = 0; i < elements; i++) {
      long block = storedAt + (long) (i / type.blockElements()) * type.blockBytes();
      float value =
          type.quantised()
              ? blocks.value(stored, block, i % type.blockElements())
              : plain.value(stored, block);
      values.set(FLOAT, valuesAt + 4L * i, value);
    }
  }

  @Override
  void boundsChecked(
      MemorySegment stored,
      long storedAt,
      MemorySegment values,
      long valuesAt,
      MemorySegment bounds,
      long boundsAt,
      int elements) {
    for (int i = 0; i < elements; i++) {
      long block = storedAt + (long) (i / type.blockElements()) * type.blockBytes();
      float bound =
          type.quantised()
              ? blockBound.of(stored, block, i % type.blockElements())
              : plain.bound(values.get(FLOAT, valuesAt + 4L * i));
      bounds.set(FLOAT, boundsAt + 4L * i, bound);
    }
  }
}
