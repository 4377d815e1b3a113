package dev.witnessmark.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class NumberedNameTest {

  @Test
  void numbersAreWholeComponentsOfUpToSevenAsciiDigits() {
    assertThat(NumberedName.of("blk.3.attn_q.weight"))
        .isEqualTo(new NumberedName("blk.#.attn_q.weight", List.of(3)));
    assertThat(NumberedName.of("0.auto_model.9999999"))
        .isEqualTo(new NumberedName("#.auto_model.#", List.of(0, 9_999_999)));
    assertThat(NumberedName.of("blk.10000000.x").numbers()).isEmpty();
    assertThat(NumberedName.of("blk.007.x").numbers()).containsExactly(7);
    assertThat(NumberedName.of("blk.٣.x").numbers()).isEmpty();
    assertThat(NumberedName.of("blk.3a.x").numbers()).isEmpty();
    assertThat(NumberedName.of("")).isEqualTo(new NumberedName("", List.of()));
    assertThat(NumberedName.of("1")).isEqualTo(new NumberedName("#", List.of(1)));
    assertThat(NumberedName.of("..1..")).isEqualTo(new NumberedName("..#..", List.of(1)));
  }

  @Provide
  Arbitrary<String> names() {
    return Arbitraries.strings().withChars("ab.#0123456789_").ofMaxLength(40);
  }

  /** The slow way: split, look at each component, join. */
  @Property
  void agreesWithSplittingAndJoining(@ForAll("names") String name) {
    List<Integer> numbers = new ArrayList<>();
    List<String> components = new ArrayList<>();
    for (String component : name.split("\\.", -1)) {
      if (component.matches("[0-9]{1,7}")) {
        numbers.add(Integer.valueOf(component));
        components.add("#");
      } else {
        components.add(component);
      }
    }
    assertThat(NumberedName.of(name))
        .isEqualTo(new NumberedName(String.join(".", components), numbers));
  }
}
