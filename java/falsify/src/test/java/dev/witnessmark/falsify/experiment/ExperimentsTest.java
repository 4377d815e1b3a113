package dev.witnessmark.falsify.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.falsify.Experiment;
import dev.witnessmark.falsify.ExperimentResult;
import dev.witnessmark.falsify.Figure;
import dev.witnessmark.falsify.JudgedClaim;
import dev.witnessmark.falsify.Kernels;
import dev.witnessmark.falsify.Outcome;
import dev.witnessmark.falsify.Reference;
import dev.witnessmark.falsify.Source;
import dev.witnessmark.falsify.TrialResult;
import dev.witnessmark.kernels.host.HostDevice;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExperimentsTest {

  private static ExperimentResult performed(Experiment<?> experiment) throws Exception {
    return experiment.perform(Kernels.of(HostDevice.scalar()), Kernels.of(HostDevice.best()));
  }

  private static ExperimentResult performed(String number) throws Exception {
    for (Experiment<?> experiment : Experiments.all()) {
      if (experiment.number().equals(number)) {
        return performed(experiment);
      }
    }
    throw new AssertionError(number);
  }

  private static List<Double> values(ExperimentResult result, String name) {
    return figure(result, name).values();
  }

  private static Figure figure(ExperimentResult result, String name) {
    return result.figures().stream()
        .filter(figure -> figure.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  static List<Experiment<?>> experiments() {
    return Experiments.all();
  }

  @ParameterizedTest
  @MethodSource("experiments")
  void everyDigitIsReproducedAndEveryControlBehaves(Experiment<?> experiment) throws Exception {
    ExperimentResult result = performed(experiment);

    assertThat(result.figures())
        .filteredOn(figure -> figure.reference() != null)
        .isNotEmpty()
        .allSatisfy(figure ->
            assertThat(figure.measured())
                .as(figure.name())
                .isEqualTo(Objects.requireNonNull(figure.reference()).text()));
    assertThat(result.claims())
        .isNotEmpty()
        .allSatisfy(claim ->
            assertThat(claim.finding().outcome())
                .as(claim.finding().toString())
                .isEqualTo(claim.expected()));
    assertThat(result.trials()).isNotEmpty().allMatch(TrialResult::agrees);
    assertThat(result.experiment().notShown()).isNotEmpty();
    assertThat(result.agrees()).isTrue();
  }

  @Test
  void theTableHasEveryExperimentOnceInOrder() {
    assertThat(Experiments.all())
        .extracting(Experiment::number)
        .containsExactly("006", "007", "008", "009", "010", "011", "012", "013", "015");
  }

  /** The figures that were published, by experiment: none of them may get lost. */
  @Test
  void noPublishedFigureIsMissing() {
    assertThat(Experiments.all())
        .extracting(experiment ->
            experiment.quantities().stream()
                .filter(quantity -> is(quantity.reference(), Source.PUBLISHED))
                .count())
        .containsExactly(2L, 2L, 7L, 5L, 4L, 3L, 5L, 6L, 1L);
  }

  private static boolean is(@Nullable Reference reference, Source source) {
    return reference != null && reference.source() == source;
  }

  /** What one wrong digit, one wrong bit and one control that misbehaves would do. */
  @Test
  void nothingWrongAgrees() throws Exception {
    ExperimentResult result = performed("008");
    Figure pathA = figure(result, "path A");
    JudgedClaim first = result.claims().getFirst();

    assertThat(
            new Figure(
                    pathA.name(),
                    pathA.measured(),
                    pathA.values(),
                    Reference.published("-18882.443 c69384e4"))
                .agrees())
        .isFalse();
    assertThat(new JudgedClaim(first.finding(), null, Outcome.REJECTED, "").asExpected()).isFalse();
    assertThat(new TrialResult("t", 1, "00000000", "00000000", 1, 0, null).agrees()).isFalse();
    assertThat(
            new TrialResult("t", 1, "00000000", "00000000", 0, -1, Reference.recomputed("00000001"))
                .agrees())
        .isFalse();
  }

  /**
   * The curve of 009 goes on: it falls below its first value after six steps and stays there. With
   * random weights it keeps rising, less than linearly; another program's draws gave 0.39, 0.86,
   * 1.15, 1.35 and 1.54 %.
   */
  @Test
  void theWholeCurveOfFiveProducts() throws Exception {
    ExperimentResult result = performed("009");

    List<Double> curve = values(result, "relative difference after 1 … 20, %");
    assertThat(curve).hasSize(20);
    assertThat(curve.subList(0, 4)).isSorted();
    assertThat(curve.get(4)).isLessThan(curve.get(3));
    assertThat(curve.subList(5, 20)).allMatch(value -> value < curve.getFirst());
    List<Double> random = values(result, "the same with random weights, mean of 20 draws, %");
    assertThat(random.getLast()).isGreaterThan(2 * random.get(2));
    double[] independent = {0.39, 0.86, 1.15, 1.35, 1.54};
    for (int i = 0; i < independent.length; i++) {
      assertThat(random.get(i)).isBetween(0.9 * independent[i], 1.1 * independent[i]);
    }
    assertThat(random.get(4) / random.getFirst()).isLessThan(5);
  }

  /** The vector turns into the common direction just while the difference is largest. */
  @Test
  void theDifferenceIsLargestWhileTheVectorTurns() throws Exception {
    List<Double> cosines =
        values(
            performed("009"),
            "|cosine| of A with the direction that the next matrix stretches most, before steps "
                + "1 … 8");

    assertThat(cosines)
        .extracting(value -> Math.round(1000 * value))
        .containsExactly(38L, 29L, 48L, 155L, 612L, 929L, 952L, 953L);
  }
}
