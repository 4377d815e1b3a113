package dev.witnessmark.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.witnessmark.explain.candidate.Candidate;
import dev.witnessmark.explain.score.Null;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Bootstrap over prompts, and stability over runs. */
class ResamplingTest {

  @SuppressWarnings("NullAway.Init") // Set before the first test.
  private static ExplainResult narrow;

  @SuppressWarnings("NullAway.Init")
  private static ExplainResult wide;

  @BeforeAll
  static void explain() throws IOException {
    narrow = GoldenSweepTest.explain(4, 12, new Null.Mode.Exact());
    wide = GoldenSweepTest.explain(8, 24, new Null.Mode.Exact());
  }

  @Test
  void theMeanOfThePromptsIsTheScore() {
    for (LayerRow row : narrow.rows()) {
      double mean = Arrays.stream(row.promptShares()).average().orElseThrow();
      assertThat(mean).isCloseTo(row.activation().energy(), within(1e-12));
      assertThat(row.promptShares()).hasSize(12);
    }
  }

  @Test
  void intervalsHoldTheScoresAndRanksAddUp() {
    Bootstrap bootstrap = Bootstrap.of(narrow, 500, 1);
    assertThat(bootstrap).isEqualTo(Bootstrap.of(narrow, 500, 1));
    assertThat(bootstrap.rows())
        .hasSize(narrow.rankings().writeAndMixed().size() + narrow.rankings().read().size());
    double first = 0;
    for (Bootstrap.Row row : bootstrap.rows()) {
      SummaryRow score =
          narrow.summary().stream()
              .filter(each -> each.candidate() == row.candidate())
              .findFirst()
              .orElseThrow();
      assertThat(score.jointScore()).isBetween(row.joint().low(), row.joint().high());
      assertThat(score.activation().concentration())
          .isBetween(row.activation().low(), row.activation().high());
      assertThat(row.joint().low()).isLessThan(row.joint().high());
      first += row.firstShare();
    }
    // One of each of two rankings.
    assertThat(first).isCloseTo(2, within(1e-9));
    assertThat(bootstrap.rows().getFirst().candidate())
        .isEqualTo(narrow.rankings().writeAndMixed().getFirst());
  }

  @Test
  void aRunAgreesWithItself() {
    Stability same = Stability.of(List.of(narrow, narrow));
    assertThat(same.agreementOfWriting()).isCloseTo(1, within(1e-12));
    assertThat(same.agreementOfReading()).isCloseTo(1, within(1e-12));
    assertThat(same.rows(false).stream().map(Stability.Row::candidate).toList())
        .isEqualTo(narrow.rankings().writeAndMixed());
  }

  @Test
  void placesOfTwoRuns() {
    Stability both = Stability.of(List.of(narrow, wide));
    assertThat(both.agreementOfWriting()).isBetween(0.0, 0.999);
    assertThat(both.rows(false))
        .filteredOn(row -> row.candidate() == Candidate.WRITE)
        .singleElement()
        .satisfies(row ->
            assertThat(row.places())
                .containsExactly(
                    narrow.rankings().writeAndMixed().indexOf(Candidate.WRITE) + 1,
                    wide.rankings().writeAndMixed().indexOf(Candidate.WRITE) + 1));
  }
}
