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
import dev.witnessmark.kernels.operation.Gather;
import dev.witnessmark.kernels.operation.MatVecQ8;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.kernels.operation.RmsNorm;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.parity.trace.Prompt;
import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.Progress;
import dev.witnessmark.verdict.RunRecord;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Healthy and broken devices, on the small trained model. */
class ParityCheckTest {

  private static final int[] SUM = {49, 26, 221, 569, 11, 20, 24, 356, 280, 26};

  /** As good for every fault: each stage has several rows, attention several positions. */
  private static final int[] SHORT = {49, 26, 221};

  /** As if every stage but the residual sums were made by an own kernel. */
  private static final List<StandIn> OWN =
      EnumSet.complementOf(EnumSet.of(Stage.POST_ATTN_RESIDUAL, Stage.POST_FFN_RESIDUAL)).stream()
          .map(stage -> new StandIn(stage, "ours", Path.of("own.so"), "own"))
          .toList();

  private static ParityResult check(
      Optional<StepRunner<MemorySegment>> runner, int generate, int repeat) throws IOException {
    return check(SHORT, runner, generate, repeat, 1L << 30);
  }

  private static ParityResult check(
      int[] prompt,
      Optional<StepRunner<MemorySegment>> runner,
      int generate,
      int repeat,
      long captureBytes)
      throws IOException {
    try (Checkpoint checkpoint =
        CheckpointReader.open(Path.of("../../src/dist/demo/base-q4_k_m.gguf"), Limits.DEFAULT)) {
      ParityOptions<MemorySegment> options =
          new ParityOptions<>(
              List.of(new Prompt(Optional.empty(), prompt)),
              generate,
              Set.of(),
              List.of(LaunchMode.EAGER),
              repeat,
              new PassOptions(PathPlan.parse("q8"), 64, 32, Element.FLOAT32, 1L << 30),
              runner,
              new RunRecord("test", List.of(), "cpu", "", "", 1, 0, "", List.of()));
      return ParityCheck.run(
          Model.of(checkpoint),
          HostDevice.best(),
          options,
          runner.isEmpty() ? List.of() : OWN,
          Progress.NONE,
          captureBytes);
    }
  }

  /** A device that changes the first value of some results after they were made. */
  private static StepRunner<MemorySegment> changing(
      BiPredicate<StageKey, Operation> where, DoubleUnaryOperator change) {
    return (key, operation, operands) -> {
      HostDevice.best().run(operation, operands);
      if (where.test(key, operation)) {
        MemorySegment result = operands.getLast();
        float value = result.get(ValueLayout.JAVA_FLOAT, 0);
        result.set(ValueLayout.JAVA_FLOAT, 0, (float) change.applyAsDouble(value));
      }
    };
  }

  /** One more unit in the last place than the contract has. */
  private static double rounded(double value) {
    return Math.nextUp((float) value);
  }

  private static boolean isSum(Operation operation) {
    return operation instanceof MatVecQ8 || operation instanceof RmsNorm;
  }

  private static StageFault fault(PromptCheck prompt, StageKey key) {
    return prompt.faults().stream().filter(f -> f.key().equals(key)).findFirst().orElseThrow();
  }

  private static List<Finding.Kind> kinds(ParityResult result) {
    return result.findings().stream().map(Finding::kind).toList();
  }

  @Test
  void aHealthyDevicePasses() throws IOException {
    ParityResult result = check(SUM, Optional.empty(), 3, 2, 1L << 30);
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
    assertThat(run.first().orElseThrow().position()).isEqualTo(SHORT.length);
    assertThat(run.positions().getFirst().logits().same()).isTrue();
    assertThat(run.positions().get(1).logits().same()).isFalse();
  }

  /** Many stages that rounding explains do not hide the one far behind them that it does not. */
  @Test
  void everyFaultIsJudged() throws IOException {
    StageKey bad = StageKey.of(Stage.FFN_SWIGL, 5);
    StepRunner<MemorySegment> runner =
        (key, operation, operands) -> {
          changing((k, o) -> isSum(o), ParityCheckTest::rounded).run(key, operation, operands);
          if (key.equals(bad)) {
            operands.getLast().set(ValueLayout.JAVA_FLOAT, 0, 1000);
          }
        };
    ParityResult result = check(Optional.of(runner), 0, 1);
    PromptCheck prompt = result.prompts().getFirst();
    assertThat(prompt.judged()).isEqualTo(17 * 6 + 3);
    assertThat(prompt.faults()).hasSize(7 * 6 + 2 + 1);
    assertThat(prompt.faults().subList(0, 33)).allMatch(StageFault::withinBudget);
    assertThat(prompt.faults()).filteredOn(f -> !f.withinBudget()).hasSize(1);
    assertThat(fault(prompt, bad).budget().orElseThrow().used()).isGreaterThan(100);
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
    assertThat(result.verdict().basis()).singleElement().asString().contains(bad.name());
  }

  /** Only an own kernel may round in another way. */
  @Test
  void aCanonicalKernelBesideAnOwnOneMustHaveTheOraclesBits() throws IOException {
    StageKey own = StageKey.of(Stage.FFN_NORM, 1);
    StageKey ours = StageKey.of(Stage.POST_FFN_RESIDUAL, 2);
    ParityResult result =
        check(
            Optional.of(
                changing(
                    (key, operation) -> key.equals(own) || key.equals(ours),
                    ParityCheckTest::rounded)),
            0,
            1);
    PromptCheck prompt = result.prompts().getFirst();
    assertThat(prompt.faults()).extracting(StageFault::key).containsExactly(own, ours);
    assertThat(prompt.faults()).allMatch(StageFault::withinBudget);
    assertThat(kinds(result)).startsWith(Finding.Kind.WITHIN_BUDGET, Finding.Kind.STAGE_DIFFERS);
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
  }

  @Test
  void aSecondFaultThatOnlyDecodingHasIsJudged() throws IOException {
    StepRunner<MemorySegment> stale = PlantedFault.KEY_ROW_STALE.on(HostDevice.best());
    StepRunner<MemorySegment> rounding =
        changing((key, operation) -> isSum(operation), ParityCheckTest::rounded);
    StageKey place = PlantedFault.KEY_ROW_STALE.place();
    ParityResult result =
        check(
            Optional.of((key, operation, operands) ->
                (key.equals(place) ? stale : rounding).run(key, operation, operands)),
            2,
            1);
    PromptCheck prompt = result.prompts().getFirst();
    assertThat(prompt.first().orElseThrow().key()).isEqualTo(StageKey.of(Stage.ATTN_NORM, 0));
    assertThat(prompt.faults()).filteredOn(f -> !f.withinBudget()).hasSize(1);
    assertThat(fault(prompt, place).withinBudget()).isFalse();
    assertThat(fault(prompt, place).device().worstRow()).isGreaterThanOrEqualTo(SHORT.length);
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
  }

  /** Logits have a row for each call. */
  @Test
  void theLogitsOfEveryCallAreJudged() throws IOException {
    StageKey head = StageKey.of(Stage.LM_HEAD, StageKey.NO_LAYER);
    int[] call = new int[1];
    ParityResult result =
        check(
            Optional.of((key, operation, operands) -> {
              if (operation instanceof Gather embedding) {
                call[0] = embedding.tokens() == SHORT.length ? 0 : call[0] + 1;
              }
              changing(
                      (k, o) -> k.equals(head) && o instanceof MatVecQ8 && call[0] == 1,
                      value -> value + 1)
                  .run(key, operation, operands);
            }),
            2,
            1);
    PromptCheck prompt = result.prompts().getFirst();
    assertThat(prompt.faults()).extracting(StageFault::key).containsExactly(head);
    assertThat(fault(prompt, head).device().elements()).isEqualTo(3 * 1024);
    assertThat(fault(prompt, head).device().differing()).isEqualTo(1);
    assertThat(fault(prompt, head).index()).isEqualTo(1024);
    assertThat(fault(prompt, head).withinBudget()).isFalse();
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
  }

  /** With less room than a layer needs, the run is repeated for some stages after the others. */
  @Test
  void whatDoesNotFitIntoMemoryAtOnceIsLookedAtInTurns() throws IOException {
    StepRunner<MemorySegment> runner =
        changing(
            (key, operation) -> key.layer() % 2 == 1 && operation instanceof RmsNorm,
            value -> value + 1);
    PromptCheck together = check(Optional.of(runner), 1, 1).prompts().getFirst();
    PromptCheck inTurns = check(SHORT, Optional.of(runner), 1, 1, 1 << 16).prompts().getFirst();
    assertThat(together.faults()).hasSize(2 * 3);
    assertThat(inTurns).usingRecursiveComparison().isEqualTo(together);
  }

  /** What rounding explains does not hide what was there once and is not there again. */
  @Test
  void whatDoesNotComeBackIsNotForgotten() throws IOException {
    StageKey place = StageKey.of(Stage.FFN_OUT, 4);
    int[] runs = new int[1];
    StepRunner<MemorySegment> runner =
        (key, operation, operands) -> {
          runs[0] += key.stage() == Stage.EMBEDDING ? 1 : 0;
          boolean once = runs[0] == 1 && key.equals(place);
          changing((k, o) -> isSum(o), value -> once ? value + 1 : rounded(value))
              .run(key, operation, operands);
        };
    ParityResult result = check(Optional.of(runner), 0, 1);
    PromptCheck prompt = result.prompts().getFirst();
    assertThat(prompt.faults()).allMatch(StageFault::withinBudget);
    assertThat(prompt.notReproduced()).contains(new RunCheck.Place(0, place));
    assertThat(kinds(result)).contains(Finding.Kind.NOT_REPRODUCED);
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
  }

  /** The device's own text is a run that nothing else looks at. */
  @Test
  void aTextThatNoRunExplainsIsFound() throws IOException {
    StageKey head = StageKey.of(Stage.LM_HEAD, StageKey.NO_LAYER);
    int[] prompts = new int[1];
    ParityResult result =
        check(
            Optional.of((key, operation, operands) -> {
              boolean prompt =
                  operation instanceof Gather embedding && embedding.tokens() == SHORT.length;
              prompts[0] += prompt ? 1 : 0;
              // First a run on the oracle's tokens, then the device's own, then what is judged.
              boolean wrong = prompts[0] == 2 && key.equals(head);
              changing((k, o) -> isSum(o), value -> wrong ? 1000 : rounded(value))
                  .run(key, operation, operands);
            }),
            2,
            1);
    PromptCheck prompt = result.prompts().getFirst();
    assertThat(prompt.generated()).containsExactly(0, 0);
    assertThat(prompt.faults()).hasSize(7 * 6 + 2).allMatch(StageFault::withinBudget);
    assertThat(kinds(result)).endsWith(Finding.Kind.UNSTABLE);
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
  }

  @Test
  void aRunThatDiffersOnlyOnceIsNoPass() throws IOException {
    int[] runs = new int[1];
    ParityResult result =
        check(
            Optional.of((key, operation, operands) -> {
              runs[0] += key.stage() == Stage.EMBEDDING ? 1 : 0;
              changing((k, o) -> runs[0] == 1 && o instanceof RmsNorm, value -> value + 1)
                  .run(key, operation, operands);
            }),
            0,
            1);
    assertThat(result.prompts().getFirst().faults()).isEmpty();
    assertThat(kinds(result)).contains(Finding.Kind.NOT_REPRODUCED);
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
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
