package dev.witnessmark.inference.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.witnessmark.format.Refusal;
import dev.witnessmark.verdict.CouldNotCompare;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NativeEncoderTest {

  /** Bytes as characters, and every byte is a token. */
  private static Tokenizer bytes(PreTokenizer before) throws Refusal {
    Vocabulary vocabulary = new Vocabulary("test");
    for (int value = 0; value < 256; value++) {
      vocabulary.add(Spelling.BYTE_LEVEL.token((byte) value), value, -1);
    }
    List<PreTokenizer> preTokenizers = List.of(before, new PreTokenizer.ByteLevel(false, false));
    return new BytePairTokenizer(
        model(vocabulary, Spelling.BYTE_LEVEL, -1, false, List.of(), preTokenizers));
  }

  private static TokenizerModel model(
      Vocabulary vocabulary,
      Spelling spelling,
      int unknown,
      boolean byteFallback,
      List<Normalizer> normalizers,
      List<PreTokenizer> preTokenizers) {
    return new TokenizerModel(
        vocabulary,
        spelling,
        List.of(),
        List.of(),
        unknown,
        false,
        byteFallback,
        false,
        normalizers,
        preTokenizers,
        new SpecialTokens(List.of(), List.of(), OptionalInt.empty(), Set.of()));
  }

  /** The matcher has a limit, at which it ends the process; this test would not be reported. */
  @ParameterizedTest
  @EnumSource(SplitPattern.class)
  void noTextIsTooHardForAnExpression(SplitPattern pattern) throws IOException {
    try (Tokenizer tokenizer = bytes(new PreTokenizer.Split(pattern, true))) {
      for (String hard : new String[] {" ", " \n", "Aa"}) {
        String text = hard.repeat(BytePairTokenizer.LONGEST_TEXT / hard.length());
        assertThat(tokenizer.encode(text).length).isEqualTo(text.length());
      }
    }
  }

  @Test
  void whatIsNoTextIsRefused() throws IOException {
    try (Tokenizer tokenizer = bytes(new PreTokenizer.Digits(false))) {
      assertThat(tokenizer.encode("\0é")).containsExactly(0, 0xC3, 0xA9);
      for (String broken : new String[] {"\ud800", "a\udc00b", "\udc00\ud800"}) {
        assertThatExceptionOfType(CouldNotCompare.class)
            .isThrownBy(() -> tokenizer.encode(broken))
            .withMessageContaining("surrogate");
      }
      assertThatExceptionOfType(CouldNotCompare.class)
          .isThrownBy(() -> tokenizer.encode("a".repeat(BytePairTokenizer.LONGEST_TEXT + 1)))
          .withMessageContaining("131073")
          .withMessageContaining("131072");
    }
  }

  @Test
  void aCharacterDoesNotVanish() throws IOException {
    Vocabulary vocabulary = new Vocabulary("test");
    vocabulary.add("a", 0, -1);
    vocabulary.add("Ã", 1, -1);
    vocabulary.add("©", 2, -1);
    assertThat(covered(vocabulary, Spelling.BYTE_LEVEL, -1, false)).isEqualTo("aé");
    vocabulary.add("\u2581", 3, -1);
    vocabulary.add("<0xC3>", 4, -1);
    vocabulary.add("<0xA8>", 5, -1);
    assertThat(covered(vocabulary, Spelling.SENTENCE_PIECE, -1, false)).isEqualTo("a ");
    assertThat(covered(vocabulary, Spelling.SENTENCE_PIECE, -1, true)).isEqualTo("a è");
    assertThat(covered(vocabulary, Spelling.SENTENCE_PIECE, 0, false)).isEqualTo("aé è");
  }

  /** The characters of {@code aé è} that become tokens; the others must be refused. */
  private static String covered(
      Vocabulary vocabulary, Spelling spelling, int unknown, boolean byteFallback)
      throws IOException {
    boolean bytes = spelling == Spelling.BYTE_LEVEL;
    TokenizerModel model =
        model(
            vocabulary,
            spelling,
            unknown,
            byteFallback,
            bytes ? List.of() : List.of(Normalizer.MARK_SPACES),
            bytes ? List.of(new PreTokenizer.ByteLevel(false, true)) : List.of());
    StringBuilder covered = new StringBuilder();
    try (Tokenizer tokenizer = new BytePairTokenizer(model);
        NativeEncoder encoder = NativeEncoder.of(model)) {
      for (String character : List.of("a", "é", " ", "è")) {
        int bytesOfCharacter = character.getBytes(StandardCharsets.UTF_8).length;
        int[] ids = encoder.encode(character);
        if (model.covers(character.charAt(0))) {
          assertThat(tokenizer.encode(character)).isEqualTo(ids).isNotEmpty();
          covered.append(character);
        } else {
          // What the library leaves out without a word.
          assertThat(ids).hasSizeLessThan(bytesOfCharacter);
          assertThatExceptionOfType(CouldNotCompare.class)
              .isThrownBy(() -> tokenizer.encode(character))
              .withMessageContaining("U+%04X".formatted((int) character.charAt(0)));
        }
      }
    }
    return covered.toString();
  }

  @Test
  void withoutNativeCodeIdsStillHaveText() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.library.path=/nowhere",
                "-cp",
                System.getProperty("java.class.path"),
                WithoutNativeCode.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    assertThat(output.lines())
        .satisfiesExactly(
            text -> assertThat(text).isEqualTo("Q: 23+48=? A:"),
            sentence ->
                assertThat(sentence)
                    .contains("no native code", "tokenizers", "--tokens")
                    .hasSizeLessThan(300));
  }

  /** Decodes, then tries to encode. */
  static final class WithoutNativeCode {
    private WithoutNativeCode() {}

    public static void main(String[] args) throws IOException {
      try (Tokenizer tokenizer = GoldenTokenizer.gguf()) {
        System.out.println(tokenizer.decode(49, 26, 221, 569, 11, 20, 24, 356, 280, 26));
        tokenizer.encode("a");
      } catch (CouldNotCompare reason) {
        System.out.println(reason.getMessage());
      }
    }
  }
}
