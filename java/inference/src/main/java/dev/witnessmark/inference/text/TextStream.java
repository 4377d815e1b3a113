package dev.witnessmark.inference.text;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * The text of ids that come one after the other. A character whose bytes are in several tokens
 * comes out whole, with the last of them.
 */
public final class TextStream {

  private final TokenizerModel model;
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private byte[] pending = {};

  TextStream(TokenizerModel model) {
    this.model = model;
  }

  /** The characters that {@code id} completes; often, but not always, the text of its token. */
  public String append(int id) {
    return decode(model.bytes(id), false);
  }

  /** What is left of a character that was never completed, as U+FFFD. */
  public String end() {
    String rest = decode(new byte[0], true);
    decoder.reset();
    return rest;
  }

  private String decode(byte[] more, boolean last) {
    ByteBuffer in = ByteBuffer.allocate(pending.length + more.length).put(pending).put(more).flip();
    // No byte of UTF-8 makes more than one char.
    CharBuffer out = CharBuffer.allocate(in.remaining());
    CoderResult result = decoder.decode(in, out, last);
    if (last && result.isUnderflow()) {
      decoder.flush(out);
    }
    pending = new byte[in.remaining()];
    in.get(pending);
    return out.flip().toString();
  }
}
