package dev.witnessmark.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ParagraphTest {

  @Test
  void linesAreAsLongAsFitAndIndentedAsTheFirst() {
    String word = "abcdefghi";
    List<String> lines = Paragraph.lines(" · ", String.join(" ", Collections.nCopies(12, word)));

    assertThat(lines).hasSize(2);
    assertThat(lines.getFirst()).startsWith(" · " + word).hasSize(3 + 9 * 10 - 1);
    assertThat(lines.getLast()).isEqualTo("   " + word + " " + word + " " + word);
  }

  @Test
  void aWordThatDoesNotFitStandsAlone() {
    String word = "x".repeat(Paragraph.WIDTH);

    assertThat(Paragraph.lines("- ", "a " + word + " b"))
        .containsExactly("- a", "  " + word, "  b");
  }

  @Test
  void lettersOutsideTheBasicPlaneCountOnce() {
    String word = "𝄞".repeat(Paragraph.WIDTH - 2);

    assertThat(Paragraph.lines("", word + " 𝄞")).containsExactly(word + " 𝄞");
  }
}
