package dev.witnessmark.report;

import dev.witnessmark.format.InputFingerprint;
import dev.witnessmark.inference.LaunchMode;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.parity.budget.BudgetUse;
import dev.witnessmark.parity.check.Finding;
import dev.witnessmark.parity.check.ParityResult;
import dev.witnessmark.parity.check.PositionCheck;
import dev.witnessmark.parity.check.PromptCheck;
import dev.witnessmark.parity.check.RunCheck;
import dev.witnessmark.parity.check.StageFault;
import dev.witnessmark.parity.check.StandIn;
import dev.witnessmark.parity.measure.LogitsMetrics;
import dev.witnessmark.parity.measure.StageMetrics;
import dev.witnessmark.parity.trace.Sequence;
import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.RunRecord;
import dev.witnessmark.verdict.Verdict;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** Hand-made results of parity checks. */
final class Parities {

  static final StageKey PLACE = StageKey.of(Stage.FFN_OUT, 3);

  static final RunRecord RUN =
      new RunRecord(
          "0",
          List.of("parity", "m.gguf"),
          "emulated",
          "emulated, CUDA 13",
          "--device emulated",
          1,
          0,
          "25",
          List.of(new InputFingerprint("m.gguf", 7, "0".repeat(64), "whole file")));

  /** Letters for ids: b for 1, c for 2 … */
  static final TokenText LETTERS =
      tokens -> {
        StringBuilder text = new StringBuilder();
        for (int token : tokens) {
          text.append((char) ('a' + token));
        }
        return Optional.of(text.toString());
      };

  private Parities() {}

  private static LogitsMetrics same() {
    return new LogitsMetrics(4, 4, 0.5, 0, 0, 1, 5, true);
  }

  /** Another token by 0.5/(0.01·√2) = 35.4 standard deviations. */
  private static LogitsMetrics flipped() {
    return new LogitsMetrics(4, 5, 0.5, 0.01, 0.75, 0.99, 3, false);
  }

  private static LogitsMetrics close() {
    return new LogitsMetrics(4, 4, 0.5, 0.01, 0.002, 0.99995, 5, false);
  }

  /** One of four values is half as large as it should be. */
  private static StageFault fault(StageKey place, double used) {
    double[] oracle = {1, -1, 1, -1};
    double[] device = {1, -1, 1, -0.5};
    double[] exact = {1, -1, 1, -0.999};
    return new StageFault(
        place,
        StageMetrics.of(oracle, device, 2),
        new StageFault.Truth(StageMetrics.of(exact, oracle, 2), StageMetrics.of(exact, device, 2)),
        Optional.of(new BudgetUse(used, 3, 0, "derived")),
        3,
        -1,
        -0.5,
        -0.999,
        List.of("a remark"));
  }

  private static RunCheck run(int repetition, LogitsMetrics last) {
    List<PositionCheck> positions =
        List.of(new PositionCheck(2, false, same()), new PositionCheck(3, true, last));
    return last.same()
        ? new RunCheck(LaunchMode.EAGER, repetition, 1040, 0, Optional.empty(), positions)
        : new RunCheck(
            LaunchMode.EAGER,
            repetition,
            1040,
            12,
            Optional.of(new RunCheck.Place(3, PLACE)),
            positions);
  }

  private static ParityResult result(PromptCheck prompt, boolean own, String label, ExitCode exit) {
    List<Finding> findings = Finding.of(List.of(prompt), own ? Set.of(Stage.FFN_OUT) : Set.of());
    return new ParityResult(
        "m.gguf",
        "cpu vector-512",
        "emulated",
        "q8",
        "f32",
        own
            ? List.of(new StandIn(Stage.FFN_OUT, "matvec_q8_q4_k", Path.of("my 1.so"), "mine"))
            : List.of(),
        List.of(prompt),
        findings,
        new Verdict(
            label,
            exit,
            findings.isEmpty()
                ? List.of("all bits")
                : findings.stream().map(Finding::sentence).toList()),
        RUN);
  }

  /** Three tokens, to which the oracle adds a fourth. */
  private static PromptCheck prompt(
      int generated,
      List<RunCheck> runs,
      Optional<RunCheck.Place> unstable,
      Optional<RunCheck.Place> notReproduced,
      List<StageFault> faults,
      Optional<PromptCheck.GraftResult> graft) {
    return new PromptCheck(
        Optional.of("bcd"),
        new Sequence(List.of(1, 2, 3, 4), 3),
        List.of(generated),
        runs,
        unstable,
        notReproduced,
        faults,
        runs.stream().allMatch(RunCheck::same) ? 0 : 102,
        graft);
  }

  private static PromptCheck faulty(StageFault... faults) {
    return prompt(
        4,
        List.of(run(1, close())),
        Optional.empty(),
        Optional.empty(),
        List.of(faults),
        graft(true, 0));
  }

  private static Optional<PromptCheck.GraftResult> graft(boolean recovered, double distance) {
    return Optional.of(new PromptCheck.GraftResult(List.of(PLACE), recovered, distance, 0.125));
  }

  static ParityResult identical() {
    return result(
        prompt(
            4,
            List.of(run(1, same()), run(2, same())),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty()),
        false,
        "bit-identical",
        ExitCode.SAME);
  }

  /** An own kernel that rounding explains. */
  static ParityResult within() {
    return result(faulty(fault(PLACE, 0.25)), true, "within-budget", ExitCode.SAME);
  }

  /** An own kernel that is wrong, and not the same in every run. */
  static ParityResult different() {
    return result(
        prompt(
            5,
            List.of(run(1, flipped()), run(2, same())),
            Optional.of(new RunCheck.Place(3, PLACE)),
            Optional.empty(),
            List.of(fault(PLACE, 24.5)),
            graft(false, 0.0625)),
        true,
        "differs",
        ExitCode.DIFFERS);
  }

  /** An own kernel in twelve layers, that rounding does not explain in the last one. */
  static ParityResult farBehind() {
    return result(
        faulty(
            IntStream.range(0, 12)
                .mapToObj(layer -> fault(StageKey.of(Stage.FFN_OUT, layer), layer == 11 ? 2 : 0.25))
                .toArray(StageFault[]::new)),
        true,
        "differs",
        ExitCode.DIFFERS);
  }

  /** A canonical kernel that rounding would explain, which does not count. */
  static ParityResult brokenContract() {
    return result(faulty(fault(PLACE, 0.25)), false, "differs", ExitCode.DIFFERS);
  }

  /** What was seen once and not again. */
  static ParityResult notReproduced() {
    return result(
        prompt(
            4,
            List.of(run(1, close())),
            Optional.empty(),
            Optional.of(new RunCheck.Place(3, PLACE)),
            List.of(),
            Optional.empty()),
        false,
        "differs",
        ExitCode.DIFFERS);
  }
}
