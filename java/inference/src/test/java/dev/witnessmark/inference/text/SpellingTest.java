package dev.witnessmark.inference.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SpellingTest {

  @ParameterizedTest
  @EnumSource(Spelling.class)
  void everyByteHasAToken(Spelling spelling) {
    Set<String> tokens = new HashSet<>();
    for (int value = 0; value < 256; value++) {
      String token = spelling.token((byte) value);
      assertThat(tokens.add(token)).isTrue();
      assertThat(spelling.bytes(token)).containsExactly(value);
    }
  }

  /** A vocabulary made elsewhere begins with them, after its one special token. */
  @Test
  void theTokensOfBytesAreThoseOfARealVocabulary() throws IOException {
    TokenizerModel model = GoldenTokenizer.model();
    Set<String> real = new HashSet<>();
    for (int id = 1; id <= 256; id++) {
      real.add(Objects.requireNonNull(model.vocabulary().text(id)));
    }
    for (int value = 0; value < 256; value++) {
      assertThat(real).contains(Spelling.BYTE_LEVEL.token((byte) value));
    }
  }

  @Test
  void whatIsNotSpelledStandsForItself() {
    assertThat(Spelling.BYTE_LEVEL.bytes("Ġ<ｂ>"))
        .isEqualTo("Ġ<ｂ>".getBytes(StandardCharsets.UTF_8));
    assertThat(Spelling.BYTE_LEVEL.bytes("Ġé")).containsExactly(' ', 0xE9);
    for (String token : new String[] {"<0xZZ>", "<0x0>", "<0x0AB", "<0x+1>"}) {
      assertThat(Spelling.SENTENCE_PIECE.bytes(token)).asString().isEqualTo(token);
    }
    assertThat(Spelling.SENTENCE_PIECE.bytes("\u2581a\u2581")).asString().isEqualTo(" a ");
  }
}
