package dev.witnessmark.format.onnx;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Refusal;
import java.lang.foreign.MemorySegment;

/** Values that a file holds as varints, decoded into little-endian memory. */
record DecodedValues(String name, MemorySegment bytes) implements ByteSource {

  @Override
  public long size() {
    return bytes.byteSize();
  }

  @Override
  public void read(long position, MemorySegment target) throws Refusal.Truncated {
    long left = size() - position;
    if (target.byteSize() > left) {
      throw new Refusal.Truncated(
          name, "decoded values", position, target.byteSize(), left, "read less");
    }
    target.copyFrom(bytes.asSlice(position, target.byteSize()));
  }

  @Override
  public void close() {
    // Memory, not a file.
  }
}
