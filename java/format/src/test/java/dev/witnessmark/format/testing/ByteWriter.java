package dev.witnessmark.format.testing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Numbers and texts in a chosen byte order, one after the other. */
public final class ByteWriter {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final ByteOrder order;

  public ByteWriter(ByteOrder order) {
    this.order = order;
  }

  public int size() {
    return bytes.size();
  }

  public byte[] toByteArray() {
    return bytes.toByteArray();
  }

  public ByteWriter raw(byte[] more) {
    bytes.writeBytes(more);
    return this;
  }

  public ByteWriter u8(int value) {
    bytes.write(value);
    return this;
  }

  public ByteWriter u16(int value) {
    return raw(ByteBuffer.allocate(2).order(order).putShort((short) value).array());
  }

  public ByteWriter u32(long value) {
    return raw(ByteBuffer.allocate(4).order(order).putInt((int) value).array());
  }

  public ByteWriter u64(long value) {
    return raw(ByteBuffer.allocate(8).order(order).putLong(value).array());
  }

  /** Zeros up to a multiple of {@code alignment}; none for an alignment below 1. */
  public ByteWriter padTo(int alignment) {
    return alignment < 1 ? this : raw(new byte[Math.floorMod(-bytes.size(), alignment)]);
  }

  /** u64 length and UTF-8. */
  public ByteWriter text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return u64(utf8.length).raw(utf8);
  }
}
