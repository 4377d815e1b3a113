package dev.witnessmark.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class NamePatternTest {

  private static boolean matches(String glob, String name) {
    return new NamePattern(List.of(glob)).matches(name);
  }

  /** The definition: a star is nothing, or any character and the star again. */
  private static boolean slow(String glob, String name) {
    if (glob.isEmpty()) {
      return name.isEmpty();
    }
    char first = glob.charAt(0);
    if (first == '*') {
      return slow(glob.substring(1), name) || (!name.isEmpty() && slow(glob, name.substring(1)));
    }
    return !name.isEmpty()
        && (first == '?' || first == name.charAt(0))
        && slow(glob.substring(1), name.substring(1));
  }

  @Provide
  Arbitrary<String> globs() {
    return Arbitraries.strings().withChars("ab.*?").ofMaxLength(8);
  }

  @Provide
  Arbitrary<String> names() {
    return Arbitraries.strings().withChars("ab.*?").ofMaxLength(10);
  }

  @Property(tries = 5000)
  void agreesWithTheRecursiveDefinition(
      @ForAll("globs") String glob, @ForAll("names") String name) {
    assertThat(matches(glob, name)).isEqualTo(slow(glob, name));
  }

  @Property
  void aNameWithoutWildcardsMatchesItself(@ForAll String name) {
    if (name.indexOf('*') < 0 && name.indexOf('?') < 0) {
      assertThat(matches(name, name)).isTrue();
    }
    assertThat(matches("*", name)).isTrue();
    assertThat(matches("?".repeat(name.length()), name)).isTrue();
    assertThat(matches("?".repeat(name.length() + 1), name)).isFalse();
  }

  @Test
  void otherCharactersStandForThemselves() {
    assertThat(matches("blk.[0-9].attn_q.weight", "blk.1.attn_q.weight")).isFalse();
    assertThat(matches("blk.1", "blkx1")).isFalse();
    assertThat(matches("a|b", "a")).isFalse();
    assertThat(matches("", "a")).isFalse();
    assertThat(matches("", "")).isTrue();
  }

  @Test
  void noPatternMatchesEverythingAndOneOfSeveralIsEnough() {
    assertThat(new NamePattern(List.of()).matches("x")).isTrue();
    assertThat(new NamePattern(List.of("y", "x*")).matches("x1")).isTrue();
    assertThat(new NamePattern(List.of("y", "z*")).matches("x1")).isFalse();
  }

  /** A backtracking matcher takes longer than the universe is old. */
  @Test
  void adversarialPatternsStayFast() {
    String name = "a".repeat(100_000);
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          assertThat(matches("*a".repeat(100) + "b", name)).isFalse();
          assertThat(matches("*a".repeat(100) + "*b", name)).isFalse();
          assertThat(matches("*a".repeat(100), name)).isTrue();
          assertThat(matches("*".repeat(10_000) + "b", name)).isFalse();
        });
  }
}
