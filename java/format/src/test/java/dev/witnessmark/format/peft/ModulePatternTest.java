package dev.witnessmark.format.peft;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModulePatternTest {

  @Property
  void matchesAsARegularExpressionDoes(
      @ForAll("patterns") String pattern, @ForAll("modules") String module) {
    boolean expected =
        Pattern.compile("(?s)(?:.*\\.)?(?:" + pattern + ")").matcher(module).matches();

    assertThat(ModulePattern.of(pattern).orElseThrow().matches(module)).isEqualTo(expected);
  }

  @Provide
  Arbitrary<String> patterns() {
    Arbitrary<String> atoms = Arbitraries.of("a", "b", "1", "\\.", ".", "\\d", "\\w");
    Arbitrary<String> quantifiers = Arbitraries.of("", "", "", "*", "+", "?");
    Arbitrary<String> steps = atoms.flatMap(atom -> quantifiers.map(atom::concat));
    return steps.list().ofMaxSize(6).map(list -> String.join("", list));
  }

  @Provide
  Arbitrary<String> modules() {
    return Arbitraries.strings().withChars('a', 'b', '1', '.').ofMaxLength(8);
  }

  @Test
  void aCircumflexMeansTheWholeName() {
    ModulePattern pattern = ModulePattern.of("^layers\\.\\d+$").orElseThrow();

    assertThat(pattern.matches("layers.12")).isTrue();
    assertThat(pattern.matches("model.layers.12")).isFalse();
    assertThat(pattern.matches("layers.12.q")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"(a|b)", "[ab]", "a{2}", "a|b", "a**", "*a", "a^b", "a$b", "\\s", "\\"})
  void whatIsNotReadIsSaid(String key) {
    assertThat(ModulePattern.of(key)).isEmpty();
  }

  @Test
  @Timeout(20)
  void manyStarsTakeNoLongerThanTheProductOfTheLengths() {
    ModulePattern pattern = ModulePattern.of("a*".repeat(127) + "b").orElseThrow();

    assertThat(pattern.matches("a".repeat(60_000))).isFalse();
  }
}
