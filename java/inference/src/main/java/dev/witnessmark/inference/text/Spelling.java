package dev.witnessmark.inference.text;

import java.nio.charset.StandardCharsets;

/** How the bytes of a text are written in the tokens of a vocabulary. */
enum Spelling {

  /**
   * One character stands for each byte (GPT-2): the printable characters of Latin-1 for themselves,
   * U+0100 and up, in order, for the bytes that are none.
   */
  BYTE_LEVEL {
    @Override
    byte[] bytes(String token) {
      byte[] bytes = new byte[token.length()];
      for (int i = 0; i < bytes.length; i++) {
        int value = STAND_INS.indexOf(token.charAt(i));
        if (value < 0) {
          return token.getBytes(StandardCharsets.UTF_8);
        }
        bytes[i] = (byte) value;
      }
      return bytes;
    }

    @Override
    String token(byte value) {
      return Character.toString(STAND_INS.charAt(Byte.toUnsignedInt(value)));
    }
  },

  /** U+2581 stands for a space, and {@code <0x0A>} is a byte (SentencePiece). */
  SENTENCE_PIECE {
    @Override
    byte[] bytes(String token) {
      if (token.length() == "<0x00>".length() && token.startsWith("<0x") && token.endsWith(">")) {
        int high = Character.digit(token.charAt(3), 16);
        int low = Character.digit(token.charAt(4), 16);
        if (high >= 0 && low >= 0) {
          return new byte[] {(byte) (high << 4 | low)};
        }
      }
      return token.replace(SPACE, " ").getBytes(StandardCharsets.UTF_8);
    }

    @Override
    String token(byte value) {
      return "<0x%02X>".formatted(value);
    }
  };

  /** What a space is written as in SentencePiece vocabularies. */
  static final String SPACE = "\u2581";

  private static final int BYTES = 256;

  /** What each byte is written as in {@link #BYTE_LEVEL}, by its value. */
  private static final String STAND_INS = standIns();

  /** The bytes of an ordinary token. */
  abstract byte[] bytes(String token);

  /** The token of a single byte. */
  abstract String token(byte value);

  private static String standIns() {
    StringBuilder standIns = new StringBuilder(BYTES);
    char next = BYTES;
    for (char value = 0; value < BYTES; value++) {
      standIns.append(printable(value) ? value : next++);
    }
    return standIns.toString();
  }

  /** As the makers of GPT-2 chose them: neither of both spaces, nor the soft hyphen. */
  private static boolean printable(char latin1) {
    return (latin1 > 0x20 && latin1 < 0x7F) || (latin1 > 0xA0 && latin1 != 0xAD);
  }
}
