package dev.witnessmark.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TableTest {

  @Test
  void alignsTextLeftAndNumbersRight() {
    Table table = new Table(Table.Align.LEFT, Table.Align.RIGHT, Table.Align.LEFT);
    table.row("name", "n", "note").row("a", "1000", "").row("longer", "7", "x");

    assertThat(table.lines(" "))
        .containsExactly(" name       n  note", " a       1000", " longer     7  x");
  }

  /** Characters outside the first plane count once. */
  @Test
  void countsCodePoints() {
    Table table = new Table(Table.Align.LEFT, Table.Align.LEFT);
    table.row("😀", "|").row("ab", "|");

    assertThat(table.lines("")).containsExactly("😀   |", "ab  |");
  }

  @Test
  void aTableWithoutRowsHasNoLines() {
    assertThat(new Table(Table.Align.LEFT).lines(" ")).isEmpty();
  }
}
