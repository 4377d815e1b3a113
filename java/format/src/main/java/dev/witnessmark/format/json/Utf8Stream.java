package dev.witnessmark.format.json;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.ByteSourceStream;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.Utf8;
import java.io.FilterInputStream;
import java.io.IOException;

/**
 * A span of a file that must be UTF-8 text without NUL, or the JSON parser would take it for UTF-16
 * or UTF-32 and two readers would see two texts in one file.
 */
final class Utf8Stream extends FilterInputStream {

  private final String file;
  private final Utf8 check = new Utf8();
  private long position;

  Utf8Stream(ByteSource source, long begin, long end) {
    super(new ByteSourceStream(source, begin, end));
    this.file = source.name();
    this.position = begin;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] target, int at, int length) throws IOException {
    int read = super.read(target, at, length);
    for (int i = 0; i < read; i++) {
      if (target[at + i] == 0 || !check.accept(target[at + i])) {
        throw notText(position + i);
      }
    }
    if (read < 0 && !check.complete()) {
      throw notText(position);
    }
    position += Math.max(read, 0);
    return read;
  }

  private Refusal notText(long offset) {
    return new Refusal.Malformed(file, "JSON", offset, "is not UTF-8 text");
  }
}
