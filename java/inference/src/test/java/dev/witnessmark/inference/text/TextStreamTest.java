package dev.witnessmark.inference.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.format.Refusal;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TextStreamTest {

  /** Ids 0 to 255 are the bytes; 256 is a space and a word; 257 is added. */
  private static TokenizerModel model() throws Refusal {
    Vocabulary vocabulary = new Vocabulary("test");
    for (int value = 0; value < 256; value++) {
      vocabulary.add("<0x%02X>".formatted(value), value, -1);
    }
    vocabulary.add("\u2581word", 256, -1);
    vocabulary.addVerbatim("<0x41>\u2581", 257, -1);
    return new TokenizerModel(
        vocabulary,
        Spelling.SENTENCE_PIECE,
        List.of(),
        List.of(),
        -1,
        false,
        true,
        false,
        List.of(Normalizer.PREFIX_SPACE, Normalizer.MARK_SPACES),
        List.of(),
        new SpecialTokens(List.of(), List.of(), OptionalInt.empty(), Set.of()));
  }

  private final TextStream stream;
  private final Tokenizer tokenizer;

  TextStreamTest() throws Refusal {
    stream = new TextStream(model());
    tokenizer = new BytePairTokenizer(model());
  }

  @Test
  void aCharacterComesOutWithItsLastByte() {
    assertThat(stream.append('a')).isEqualTo("a");
    assertThat(stream.append(0xF0)).isEmpty();
    assertThat(stream.append(0x9F)).isEmpty();
    assertThat(stream.append(0xA6)).isEmpty();
    assertThat(stream.append(0x99)).isEqualTo("🦙");
    assertThat(stream.append(256)).isEqualTo(" word");
    assertThat(stream.append(257)).isEqualTo("<0x41>\u2581");
    assertThat(stream.end()).isEmpty();
  }

  @Test
  void whatIsNoTextIsShownAsSuch() {
    assertThat(stream.append(0xC3)).isEmpty();
    assertThat(stream.append('b')).isEqualTo("\uFFFDb");
    assertThat(stream.append(0x80)).isEqualTo("\uFFFD");
    assertThat(stream.append(0xE2)).isEmpty();
    assertThat(stream.append(0x82)).isEmpty();
    assertThat(stream.end()).isEqualTo("\uFFFD");
    assertThat(stream.append('c')).isEqualTo("c");
    assertThat(stream.append(-1) + stream.append(258) + stream.append(Integer.MAX_VALUE)).isEmpty();
  }

  @Test
  void aTextBeginsWithoutTheSpaceThatEncodingPutsThere() {
    assertThat(tokenizer.decode(256, 256)).isEqualTo("word word");
    assertThat(tokenizer.decode(ids("C3A9E282AC"))).isEqualTo("é€");
    assertThat(tokenizer.decode(ids("C3A9E2"))).isEqualTo("é\uFFFD");
    assertThat(tokenizer.decode()).isEmpty();
    assertThat(tokenizer.decode(999, -5)).isEmpty();
  }

  private static int[] ids(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    int[] ids = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      ids[i] = Byte.toUnsignedInt(bytes[i]);
    }
    return ids;
  }
}
