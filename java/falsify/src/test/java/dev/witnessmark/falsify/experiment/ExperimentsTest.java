package dev.witnessmark.falsify.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.falsify.Experiment;
import dev.witnessmark.falsify.ExperimentResult;
import dev.witnessmark.falsify.Kernels;
import dev.witnessmark.kernels.host.HostDevice;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExperimentsTest {

  private final Kernels oracle = Kernels.of(HostDevice.scalar());
  private final Kernels vector = Kernels.of(HostDevice.best());

  static List<Experiment<?>> experiments() {
    return Experiments.all();
  }

  @ParameterizedTest
  @MethodSource("experiments")
  void everyDigitIsReproducedAndEveryControlBehaves(Experiment<?> experiment) {
    ExperimentResult result = experiment.perform(oracle, vector);

    assertThat(result.figures())
        .allSatisfy(figure ->
            assertThat(figure.reference() == null ? figure.measured() : figure.reference().text())
                .as(figure.name())
                .isEqualTo(figure.measured()));
    assertThat(result.claims())
        .allSatisfy(claim ->
            assertThat(claim.finding().outcome()).as(claim.toString()).isEqualTo(claim.expected()));
    assertThat(result.trials()).allMatch(trial -> trial.agrees());
    assertThat(result.agrees()).isTrue();
  }
}
