package dev.witnessmark.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RangesTest {

  @Test
  void joinsNeighbours() {
    assertThat(Ranges.of(List.of())).isEmpty();
    assertThat(Ranges.of(List.of(3))).isEqualTo("3");
    assertThat(Ranges.of(List.of(3, 4))).isEqualTo("3–4");
    assertThat(Ranges.of(Set.of(7, 4, 2, 0, 3))).isEqualTo("0, 2–4, 7");
    assertThat(Ranges.of(List.of(1, 1, 2))).isEqualTo("1–2");
  }

  @Test
  void joinsWords() {
    assertThat(Ranges.and(List.of())).isEmpty();
    assertThat(Ranges.and(List.of("q"))).isEqualTo("q");
    assertThat(Ranges.and(List.of("q", "o"))).isEqualTo("q and o");
    assertThat(Ranges.and(List.of("q", "k", "o"))).isEqualTo("q, k and o");
  }
}
