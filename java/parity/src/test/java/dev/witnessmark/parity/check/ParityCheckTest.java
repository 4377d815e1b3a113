package dev.witnessmark.parity.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.CheckpointReader;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.inference.LaunchMode;
import dev.witnessmark.inference.Model;
import dev.witnessmark.inference.PassOptions;
import dev.witnessmark.inference.PathPlan;
import dev.witnessmark.inference.StepRunner;
import dev.witnessmark.kernels.decode.Decoders;
import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.kernels.operation.Element;
import dev.witnessmark.kernels.operation.MatVecQ8;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.Progress;
import dev.witnessmark.verdict.RunRecord;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Healthy and broken devices, on the small trained model. */
class ParityCheckTest {

  private static final int[] SUM = {49, 26, 221, 569, 11, 20, 24, 356, 280, 26};

  private static ParityResult check(
      Optional<StepRunner<MemorySegment>> runner, int generate, int repeat) throws IOException {
    try (Checkpoint checkpoint =
        CheckpointReader.open(Path.of("../../src/dist/demo/base-q4_k_m.gguf"), Limits.DEFAULT)) {
      ParityOptions<MemorySegment> options =
          new ParityOptions<>(
              List.of(new ParityOptions.Prompt(Optional.empty(), SUM)),
              generate,
              Set.of(),
              List.of(LaunchMode.EAGER),
              repeat,
              new PassOptions(
                  PathPlan.parse("q8"), 64, 32, Element.FLOAT32, 1L << 30, LaunchMode.EAGER),
              runner,
              new RunRecord("test", List.of(), "cpu", "", "", 1, 0, "", List.of()));
      return ParityCheck.run(
          Model.of(checkpoint), HostDevice.best(), options, List.of(), Progress.NONE);
    }
  }

  @Test
  void aHealthyDevicePasses() throws IOException {
    ParityResult result = check(Optional.empty(), 3, 2);
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.SAME);
    assertThat(result.verdict().label()).isEqualTo("bit-identical");
    PromptCheck prompt = result.prompts().getFirst();
    assertThat(prompt.sequence().generated()).containsExactly(538, 17, 199);
    assertThat(prompt.generated()).containsExactly(538, 17, 199);
    assertThat(prompt.runs()).hasSize(2);
    // The prompt at once and three tokens one by one.
    assertThat(prompt.runs().getFirst().stages()).isEqualTo(4 * (17 * 6 + 3));
    assertThat(prompt.runs().getFirst().positions()).hasSize(4);
    assertThat(prompt.faults()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(value = PlantedFault.class, mode = EnumSource.Mode.EXCLUDE, names = "RACE")
  void aFaultIsFoundWhereItIs(PlantedFault fault) throws IOException {
    ParityResult result = check(Optional.of(fault.on(HostDevice.best())), 2, 1);
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
    PromptCheck prompt = result.prompts().getFirst();
    assertThat(prompt.first().orElseThrow().key()).isEqualTo(fault.place());
    assertThat(prompt.faults()).hasSize(1);
    StageFault found = prompt.faults().getFirst();
    assertThat(found.key()).isEqualTo(fault.place());
    assertThat(found.truth().device().relative())
        .isGreaterThan(4 * found.truth().oracle().relative());
    assertThat(found.budget().orElseThrow().used()).isGreaterThan(100);
    assertThat(prompt.graft().orElseThrow().at()).containsExactly(fault.place());
    assertThat(prompt.graft().orElseThrow().recovered()).isTrue();
    assertThat(prompt.graft().orElseThrow().before()).isGreaterThan(0);
    assertThat(result.verdict().basis().getFirst()).contains(fault.place().name());
  }

  /** Not the contract's order, and nothing wrong with it. */
  @Test
  void anotherOrderOfAdditionsIsWithinTheBudget() throws IOException {
    StageKey place = StageKey.of(Stage.FFN_OUT, 3);
    ParityResult result =
        check(
            Optional.of((key, operation, operands) -> {
              HostDevice.best().run(operation, operands);
              if (key.equals(place) && operation instanceof MatVecQ8 product) {
                addBackwards(product, operands);
              }
            }),
            0,
            1);
    assertThat(result.verdict().label()).isEqualTo("within-budget");
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.SAME);
    StageFault found = result.prompts().getFirst().faults().getFirst();
    assertThat(found.key()).isEqualTo(place);
    assertThat(found.budget().orElseThrow().used()).isBetween(0.001, 1.0);
  }

  /** A float product of decoded numbers, from the last to the first. */
  private static void addBackwards(MatVecQ8 product, List<MemorySegment> operands) {
    float[] weights = decoded(product.type(), operands.get(0), product.rows(), product.columns());
    float[] x =
        decoded(product.activationType(), operands.get(1), product.batch(), product.columns());
    for (int vector = 0; vector < product.batch(); vector++) {
      for (int row = 0; row < product.rows(); row++) {
        float sum = 0;
        for (int i = product.columns() - 1; i >= 0; i--) {
          sum += weights[row * product.columns() + i] * x[vector * product.columns() + i];
        }
        operands
            .get(2)
            .setAtIndex(ValueLayout.JAVA_FLOAT, (long) vector * product.rows() + row, sum);
      }
    }
  }

  private static float[] decoded(TensorType type, MemorySegment stored, int rows, int columns) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment values = arena.allocate((long) rows * columns * Float.BYTES, Float.BYTES);
      Decoders.scalar(type).decode(stored, 0, values, 0, rows * columns);
      return values.toArray(ValueLayout.JAVA_FLOAT);
    }
  }

  @Test
  void aFaultOfDecodingIsFoundInTheCallThatHasIt() throws IOException {
    ParityResult result =
        check(Optional.of(PlantedFault.KEY_ROW_STALE.on(HostDevice.best())), 2, 1);
    RunCheck run = result.prompts().getFirst().runs().getFirst();
    assertThat(run.first().orElseThrow().position()).isEqualTo(SUM.length);
    assertThat(run.positions().getFirst().logits().same()).isTrue();
    assertThat(run.positions().get(1).logits().same()).isFalse();
  }

  @Test
  void whatIsNotTheSameEveryTimeIsFound() throws IOException {
    ParityResult once = check(Optional.of(PlantedFault.RACE.on(HostDevice.best())), 0, 1);
    assertThat(once.prompts().getFirst().runs().getFirst().same()).isTrue();
    ParityResult often = check(Optional.of(PlantedFault.RACE.on(HostDevice.best())), 0, 25);
    assertThat(often.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
    RunCheck.Place unstable = often.prompts().getFirst().unstable().orElseThrow();
    assertThat(unstable.key()).isEqualTo(PlantedFault.RACE.place());
    assertThat(often.verdict().basis().getFirst()).contains("not the same in every run");
  }
}
