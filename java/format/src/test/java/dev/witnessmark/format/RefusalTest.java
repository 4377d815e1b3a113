package dev.witnessmark.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RefusalTest {

  @Test
  void theMessageNamesFileSubjectOffsetAndBothNumbers() {
    Refusal refusal = new Refusal.Truncated("m.gguf", "w", 24, 64, 32, "fetch it again");

    assertThat(refusal)
        .hasMessage("m.gguf: refused. w at byte 24: needs 64 bytes, 32 are left; fetch it again");
    assertThat(refusal.kind()).isEqualTo("truncated");
  }

  @Test
  void unsignedNumbersAreSaidUnsigned() {
    assertThat(new Refusal.Truncated("f", "w", 0, -1, 5, "").getMessage())
        .contains("needs 18446744073709551615 bytes");
    assertThat(new Refusal.LimitExceeded("f", "w", 0, "it", Long.MIN_VALUE, 5).getMessage())
        .contains("it is 9223372036854775808, the limit is 5");
  }

  @Test
  void textOfTheFileCannotSteerATerminal() {
    Refusal refusal = new Refusal.Malformed("a\u001b[2J", "b\u202E", -1, "c\u0007 is \u009b1m");

    assertThat(refusal).hasMessage("a\\u001b[2J: refused. b\\u202e: c\\u0007 is \\u009b1m");
    assertThat(refusal.subject()).isEqualTo("b\u202E");
    assertThat(refusal.kind()).isEqualTo("malformed");
  }

  @Test
  void longNamesAreCutInTheMessageOnly() {
    String name = "n".repeat(65_535);
    Refusal refusal = new Refusal.SizeOverflow("f", name, 1, name);

    assertThat(refusal).message().hasSizeLessThan(700);
    assertThat(refusal.subject()).isEqualTo(name);
    assertThat(refusal.kind()).isEqualTo("size-overflow");
  }
}
