package dev.witnessmark.bench.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.witnessmark.bench.BenchResult;
import dev.witnessmark.bench.Cell;
import dev.witnessmark.bench.CellKey;
import dev.witnessmark.bench.DeviceIdentity;
import dev.witnessmark.bench.Fork;
import dev.witnessmark.bench.Results;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which answer a cell gets, and why it gets none. */
class GuardJudgeTest {

  private static final CellKey KEY = Results.key("matvec");
  private static final int SAMPLES = 30;

  /** Quiet samples around {@code nanoseconds}: ±0.2 % in a pattern without drift. */
  private static double[] quiet(double nanoseconds) {
    return IntStream.range(0, SAMPLES)
        .mapToDouble(i -> nanoseconds * (1 + 0.001 * (i * 7 % 5 - 2)))
        .toArray();
  }

  private static Fork clocked(double nanoseconds, double megahertz) {
    double[] clocks = new double[SAMPLES];
    Arrays.fill(clocks, megahertz);
    return Fork.of(quiet(nanoseconds), clocks, new BitSet());
  }

  private static Fork throttled(double nanoseconds, int count) {
    double[] clocks = new double[SAMPLES];
    Arrays.fill(clocks, 1980);
    BitSet throttled = new BitSet();
    throttled.set(0, count);
    return Fork.of(quiet(nanoseconds), clocks, throttled);
  }

  private static CellResult judged(BenchResult before, BenchResult after) {
    List<CellResult> cells = new GuardJudge(GuardOptions.DEFAULT, false).judge(before, after);
    assertThat(cells).hasSize(1);
    return cells.getFirst();
  }

  private static CellResult judged(Fork before, Fork after) {
    return judged(
        Results.result(Results.cell(KEY, before)), Results.result(Results.cell(KEY, after)));
  }

  private static CellStatistics statistics(CellResult cell) {
    return Objects.requireNonNull(cell.statistics());
  }

  @Test
  void onACpuOneProcessCannotSpeakForTheNext() {
    CellKey cpu = Results.key("matvec", new DeviceIdentity("cpu", "AMD EPYC", null), "q8");
    CellResult one =
        judged(
            Results.result(Results.cell(cpu, Fork.of(quiet(1000)))),
            Results.result(Results.cell(cpu, Fork.of(quiet(1100)))));
    CellResult many =
        judged(
            Results.result(Results.cell(cpu, forks(1000))),
            Results.result(Results.cell(cpu, forks(1100))));

    assertThat(one.outcome()).isEqualTo(Outcome.UNCLEAR);
    assertThat(one.reason()).isEqualTo(Reason.ONE_FORK);
    assertThat(many.outcome()).isEqualTo(Outcome.SLOWER);
  }

  private static Fork[] forks(double nanoseconds) {
    return IntStream.range(0, 10)
        .mapToObj(i -> Fork.of(quiet(nanoseconds + i * 7 % 5)))
        .toArray(Fork[]::new);
  }

  @ParameterizedTest
  @CsvSource({
    "1000, 1030, SLOWER, 1.03",
    "1030, 1000, FASTER, 0.970873786407767",
    "1000, 1000, SAME,   1",
    "1000, 1002, SAME,   1.002"
  })
  void changesAreTold(double before, double after, Outcome outcome, double ratio) {
    CellResult cell = judged(Fork.of(quiet(before)), Fork.of(quiet(after)));

    assertThat(cell.outcome()).isEqualTo(outcome);
    assertThat(cell.reason()).isNull();
    assertThat(cell.explanation()).isEmpty();
    assertThat(statistics(cell).time().ratio()).isEqualTo(ratio);
  }

  @Test
  void sharesAreOfWhatWasMeasured() {
    SideSummary side = statistics(judged(Fork.of(quiet(10_000)), Fork.of(quiet(10_000)))).before();

    assertThat(side.median()).isEqualTo(10_000);
    // 33,030,144 bytes in 10 µs, of 4 TB/s.
    assertThat(side.shareOfCopy()).isCloseTo(33_030_144 / 10e-6 / 4e12, within(1e-12));
    assertThat(side.shareOfMatrix()).isNull();
    assertThat(side.spread()).isCloseTo(0.002, within(1e-12));
    assertThat(side.samples()).isEqualTo(SAMPLES);
  }

  @Test
  void noiseMeasuredAtTheTimeOfMeasuringRaisesTheThreshold() {
    Cell noisy =
        new Cell(
            KEY, "cuda:0", null, null, null, 1, null, List.of(1.04), List.of(Fork.of(quiet(1000))));

    CellResult cell =
        judged(Results.result(noisy), Results.result(Results.cell(KEY, Fork.of(quiet(1030)))));

    assertThat(cell.outcome()).isEqualTo(Outcome.UNCLEAR);
    assertThat(cell.reason()).isEqualTo(Reason.NOISE);
    assertThat(statistics(cell).noise()).isCloseTo(0.04, within(1e-12));
  }

  @Test
  void theSmallestEffectIsAThreshold() {
    GuardJudge judge = new GuardJudge(new GuardOptions(0.01, 0.05, 0.1, 1000, false), false);

    List<CellResult> cells =
        judge.judge(
            Results.result(Results.cell(KEY, Fork.of(quiet(1000)))),
            Results.result(Results.cell(KEY, Fork.of(quiet(1030)))));

    assertThat(cells.getFirst().outcome()).isEqualTo(Outcome.SAME);
    assertThat(statistics(cells.getFirst()).threshold()).isEqualTo(0.05);
  }

  @Test
  void aLossThatVanishesInCyclesIsTheClock() {
    CellResult cell = judged(clocked(1000, 2000), clocked(1040, 2000 / 1.04));

    assertThat(cell.outcome()).isEqualTo(Outcome.UNCLEAR);
    assertThat(cell.reason()).isEqualTo(Reason.CLOCK);
    assertThat(cell.explanation()).contains("+4.0 %", "+0.0 %", "2000 → 1923 MHz");
    assertThat(judged(clocked(1000, 2000), clocked(1040, 2000)).outcome())
        .isEqualTo(Outcome.SLOWER);
  }

  @Test
  void aLossHiddenByTheClockIsNotTheSame() {
    CellResult cell = judged(clocked(1000, 2000), clocked(1000, 2080));

    assertThat(cell.outcome()).isEqualTo(Outcome.UNCLEAR);
    assertThat(cell.reason()).isEqualTo(Reason.CLOCK);
  }

  @Test
  void clocksOfOneSideSayNothing() {
    CellResult cell = judged(clocked(1000, 2000), Fork.of(quiet(1040)));

    assertThat(cell.outcome()).isEqualTo(Outcome.SLOWER);
    assertThat(statistics(cell).cycles()).isNull();
  }

  @Test
  void throttledSamplesAreDroppedAndCounted() {
    CellResult few = judged(throttled(1000, 3), throttled(1030, 0));
    CellResult many = judged(throttled(1000, 0), throttled(1030, 6));
    CellResult all = judged(throttled(1000, 30), throttled(1030, 0));

    assertThat(few.outcome()).isEqualTo(Outcome.SLOWER);
    assertThat(statistics(few).before().samples()).isEqualTo(27);
    assertThat(statistics(few).before().throttled()).isEqualTo(3);
    assertThat(many.outcome()).isEqualTo(Outcome.UNCLEAR);
    assertThat(many.reason()).isEqualTo(Reason.THROTTLED);
    assertThat(many.explanation()).startsWith("6 of 30 samples throttled");
    assertThat(all.outcome()).isEqualTo(Outcome.NOT_COMPARED);
    assertThat(all.reason()).isEqualTo(Reason.ALL_THROTTLED);
  }

  @Test
  void forksAreTheUnitsWhereThereAreSeveral() {
    Fork[] four = {
      Fork.of(quiet(1000)), Fork.of(quiet(1001)), Fork.of(quiet(1002)), Fork.of(quiet(1003))
    };
    CellResult cell =
        judged(
            Results.result(Results.cell(KEY, four)),
            Results.result(Results.cell(KEY, Fork.of(quiet(1100)))));

    assertThat(cell.reason()).isEqualTo(Reason.TOO_FEW);
    assertThat(cell.explanation()).startsWith("4 and 1 forks; 5 a side are needed with 1 cell");
    assertThat(statistics(cell).pValue()).isEqualTo(0.4);
  }

  @Test
  void moreCellsAskForMoreSamples() {
    Cell[] cells =
        IntStream.range(0, 3)
            .mapToObj(i -> Results.cell(Results.key("k" + i), Fork.of(5, 5.1, 5.2, 5.3, 5.4)))
            .toArray(Cell[]::new);

    List<CellResult> results =
        new GuardJudge(GuardOptions.DEFAULT, false)
            .judge(Results.result(cells), Results.result(cells));

    assertThat(results)
        .hasSize(3)
        .allMatch(cell -> cell.reason() == Reason.TOO_FEW)
        .allMatch(
            cell -> cell.explanation().equals("5 and 5 samples; 6 a side are needed with 3 cells"));
  }

  @Test
  void whatTheTimerCannotTellIsNoLoss() {
    // The timer resolves half a nanosecond.
    CellResult cell = judged(Fork.of(quiet(10)), Fork.of(quiet(10.4)));
    Cell repeated = repeated(10, 100);

    assertThat(cell.reason()).isEqualTo(Reason.BELOW_TIMER);
    assertThat(judged(Fork.of(quiet(10)), Fork.of(quiet(10))).reason())
        .isEqualTo(Reason.BELOW_TIMER);
    assertThat(judged(Results.result(repeated), Results.result(repeated(10.4, 100))).outcome())
        .isEqualTo(Outcome.SLOWER);
  }

  private static Cell repeated(double nanoseconds, long launches) {
    return new Cell(
        KEY,
        "cuda:0",
        null,
        null,
        null,
        launches,
        null,
        List.of(),
        List.of(Fork.of(quiet(nanoseconds))));
  }

  /** 16 of 60 samples as before, all of them early: the median says slower, the first half not. */
  @Test
  void aLossInOneHalfIsNotSteady() {
    double[] before = IntStream.range(0, 60).mapToDouble(i -> 1000 + i * 7 % 5).toArray();
    double[] late = before.clone();
    for (int i = 16; i < late.length; i++) {
      late[i] *= 1.1;
    }
    // Measured in turns: drift between the thirds is no noise.
    GuardJudge judge = new GuardJudge(GuardOptions.DEFAULT, true);

    CellResult cell =
        judge
            .judge(
                Results.result(Results.cell(KEY, Fork.of(before))),
                Results.result(Results.cell(KEY, Fork.of(late))))
            .getFirst();

    assertThat(cell.outcome()).isEqualTo(Outcome.UNCLEAR);
    assertThat(cell.reason()).isEqualTo(Reason.NOT_STEADY);
    assertThat(statistics(cell).firstHalf()).isLessThan(1.005);
    assertThat(statistics(cell).secondHalf()).isGreaterThan(1.09);
  }

  @Test
  void noisyCellsAreNotTheSame() {
    double[] noisy = quiet(1000);
    for (int i = 0; i < SAMPLES; i++) {
      noisy[i] *= i % 2 == 0 ? 0.95 : 1.05;
    }

    CellResult cell = judged(Fork.of(noisy), Fork.of(noisy));

    assertThat(cell.outcome()).isEqualTo(Outcome.UNCLEAR);
    assertThat(cell.reason()).isEqualTo(Reason.NOISE);
  }

  @Test
  void otherDevicesPathsAndMissingCellsAreResults() {
    Fork fork = Fork.of(quiet(1000));
    DeviceIdentity other = new DeviceIdentity("cuda", "NVIDIA H200", "GPU-2");
    GuardJudge judge = new GuardJudge(GuardOptions.DEFAULT, false);

    CellResult device =
        judged(
            Results.result(Results.cell(KEY, fork)),
            Results.result(Results.cell(Results.key("matvec", other, "q8"), fork)));
    CellResult path =
        judged(
            Results.result(Results.cell(KEY, fork)),
            Results.result(Results.cell(Results.key("matvec", Results.H200, "f32"), fork)));
    List<CellResult> missing =
        judge.judge(
            Results.result(Results.cell(Results.key("a"), fork), Results.cell(KEY, fork)),
            Results.result(Results.cell(KEY, fork), Results.cell(Results.key("b"), fork)));

    assertThat(device.outcome()).isEqualTo(Outcome.NOT_COMPARED);
    assertThat(device.reason()).isEqualTo(Reason.OTHER_CONDITIONS);
    assertThat(device.explanation()).contains("GPU-1", "GPU-2");
    assertThat(path.reason()).isEqualTo(Reason.OTHER_CONDITIONS);
    assertThat(path.explanation()).isEqualTo("path q8 → f32: never compared");
    assertThat(missing)
        .extracting(CellResult::reason)
        .containsExactly(Reason.ONLY_IN_OLD, null, Reason.ONLY_IN_NEW);
  }

  @Test
  void theSameFilesGiveTheSameAnswer() {
    BenchResult before = Results.result(Results.cell(KEY, Fork.of(quiet(1000))));
    BenchResult after = Results.result(Results.cell(KEY, Fork.of(quiet(1005))));

    assertThat(judged(before, after)).isEqualTo(judged(before, after));
  }

  @Test
  void aChangeThatDoesNotComeAgainIsUnclear() {
    CellResult slower = judged(Fork.of(quiet(1000)), Fork.of(quiet(1030)));
    CellResult same = judged(Fork.of(quiet(1000)), Fork.of(quiet(1000)));

    CellResult confirmed = GuardJudge.confirmed(List.of(slower), List.of(slower)).getFirst();
    CellResult refuted = GuardJudge.confirmed(List.of(slower), List.of(same)).getFirst();
    CellResult gone = GuardJudge.confirmed(List.of(slower), List.of()).getFirst();
    CellResult untouched = GuardJudge.confirmed(List.of(same), List.of(slower)).getFirst();

    assertThat(confirmed.outcome()).isEqualTo(Outcome.SLOWER);
    assertThat(statistics(confirmed).again()).isEqualTo(statistics(slower).time());
    assertThat(refuted.outcome()).isEqualTo(Outcome.UNCLEAR);
    assertThat(refuted.reason()).isEqualTo(Reason.NOT_CONFIRMED);
    assertThat(statistics(refuted).again()).isEqualTo(statistics(same).time());
    assertThat(gone.reason()).isEqualTo(Reason.NOT_CONFIRMED);
    assertThat(untouched).isEqualTo(same);
  }
}
