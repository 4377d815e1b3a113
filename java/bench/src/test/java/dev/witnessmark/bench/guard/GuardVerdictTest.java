package dev.witnessmark.bench.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.bench.Fork;
import dev.witnessmark.bench.Results;
import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.Verdict;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GuardVerdictTest {

  private static CellResult cell(Outcome outcome, boolean missing) {
    if (outcome == Outcome.NOT_COMPARED) {
      return CellResult.notCompared(
          Results.key("k"), missing ? Reason.ONLY_IN_NEW : Reason.OTHER_CONDITIONS, "");
    }
    CellResult judged =
        new GuardJudge(new GuardOptions(0.01, 0.005, 0.03, 10, false), false)
            .judge(
                Results.result(Results.cell(Results.key("k"), Fork.of(1))),
                Results.result(Results.cell(Results.key("k"), Fork.of(1))))
            .getFirst();
    return new CellResult(judged.key(), outcome, null, "", judged.statistics());
  }

  private static Verdict verdict(String outcomes, boolean commonOnly, boolean missing) {
    List<CellResult> cells =
        Arrays.stream(outcomes.split(" ", -1))
            .map(outcome -> cell(Outcome.valueOf(outcome), missing))
            .toList();
    return GuardVerdict.of(cells, commonOnly);
  }

  @ParameterizedTest
  @CsvSource({
    "SAME SAME,                     same,              SAME",
    "SAME FASTER,                   faster,            SAME",
    "FASTER UNCLEAR SAME,           unclear,           INCONCLUSIVE",
    "UNCLEAR SLOWER FASTER,         slower,            DIFFERS",
    "SLOWER NOT_COMPARED,           could-not-compare, COULD_NOT_COMPARE",
    "SAME NOT_COMPARED,             could-not-compare, COULD_NOT_COMPARE",
    "NOT_COMPARED,                  could-not-compare, COULD_NOT_COMPARE",
  })
  void theWorstCellDecides(String outcomes, String label, ExitCode exit) {
    Verdict verdict = verdict(outcomes, false, true);

    assertThat(verdict.label()).isEqualTo(label);
    assertThat(verdict.exit()).isEqualTo(exit);
  }

  @Test
  void cellsOfOneSideNeedNotBeAskedFor() {
    assertThat(verdict("SAME NOT_COMPARED", true, true).exit()).isEqualTo(ExitCode.SAME);
    assertThat(verdict("SAME NOT_COMPARED", true, false).exit())
        .isEqualTo(ExitCode.COULD_NOT_COMPARE);
    assertThat(verdict("NOT_COMPARED", true, true).exit()).isEqualTo(ExitCode.COULD_NOT_COMPARE);
  }

  @Test
  void nothingComparedIsNeverTheSame() {
    assertThat(GuardVerdict.of(List.of(), true).exit()).isEqualTo(ExitCode.COULD_NOT_COMPARE);
  }
}
