package dev.witnessmark.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class Utf8Test {

  @Property
  void agreesWithTheDecoderOfTheJdk(@ForAll byte[] bytes) {
    assertThat(Utf8.wellFormed(bytes)).isEqualTo(decodes(bytes));
  }

  @Property
  void acceptsEveryText(@ForAll String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    assertThat(Utf8.wellFormed(bytes)).isTrue();
  }

  @Test
  void agreesOnEveryPairAndOnManyTriplesAndQuadruples() {
    Random random = new Random(3);
    for (int first = 0; first < 256; first++) {
      for (int second = 0; second < 256; second++) {
        byte[] pair = {(byte) first, (byte) second};
        byte[] triple = {(byte) first, (byte) second, (byte) (0x80 + random.nextInt(64))};
        byte[] four = {triple[0], triple[1], triple[2], (byte) random.nextInt(256)};
        for (byte[] bytes : new byte[][] {pair, triple, four}) {
          assertThat(Utf8.wellFormed(bytes)).isEqualTo(decodes(bytes));
        }
      }
    }
  }

  private static boolean decodes(byte[] bytes) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException malformed) {
      return false;
    }
  }
}
