package dev.witnessmark.parity.check;

import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.parity.budget.BudgetUse;
import dev.witnessmark.parity.measure.LogitsMetrics.Choice;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * One thing in which a device is not the oracle. A verdict is made of these.
 *
 * @param kind what it is
 * @param prompt number of the prompt, from 1
 * @param key where
 * @param sentence what is to be said of it
 * @param fault the numbers, where the stage is wrong by itself
 */
public record Finding(
    Kind kind, int prompt, StageKey key, String sentence, Optional<StageFault> fault) {

  /** What can be found. */
  public enum Kind {
    /** A stage has other values than the oracle makes of the same inputs. */
    STAGE_DIFFERS("stage-differs"),
    /** The same, of an own kernel, and rounding explains it. */
    WITHIN_BUDGET("within-budget"),
    /** Runs of the same are not the same. */
    UNSTABLE("unstable"),
    /** A run differs, and not so when it is looked at again. */
    NOT_REPRODUCED("not-reproduced"),
    /** Another token comes next, and noise does not explain it. */
    TOKEN_DIFFERS("token-differs");

    private final String id;

    Kind(String id) {
      this.id = id;
    }

    /** The name in results. */
    public String id() {
      return id;
    }
  }

  /** Whether nothing is wrong with it. */
  public boolean isAllowed() {
    return kind == Kind.WITHIN_BUDGET;
  }

  /**
   * What was found for some prompts, in their order.
   *
   * @param own stages that own kernels make; all others must have the oracle's bits
   */
  public static List<Finding> of(List<PromptCheck> prompts, Set<Stage> own) {
    List<Finding> findings = new ArrayList<>();
    for (int i = 0; i < prompts.size(); i++) {
      add(prompts.get(i), i + 1, own, findings);
    }
    return findings;
  }

  private static void add(PromptCheck check, int prompt, Set<Stage> own, List<Finding> findings) {
    check
        .unstable()
        .ifPresent(place ->
            findings.add(at(place, Kind.UNSTABLE, prompt, "is not the same in every run")));
    for (StageFault fault : check.faults()) {
      boolean allowed = own.contains(fault.key().stage()) && fault.withinBudget();
      findings.add(
          new Finding(
              allowed ? Kind.WITHIN_BUDGET : Kind.STAGE_DIFFERS,
              prompt,
              fault.key(),
              sentence(fault),
              Optional.of(fault)));
    }
    notReproduced(check)
        .ifPresent(place ->
            findings.add(
                at(
                    place,
                    Kind.NOT_REPRODUCED,
                    prompt,
                    "differs in a run, and not so when it was looked at again")));
    StageKey head = StageKey.of(Stage.LM_HEAD, StageKey.NO_LAYER);
    check.runs().stream()
        .flatMap(run -> run.positions().stream())
        .filter(position -> position.logits().choice() == Choice.REAL)
        .findFirst()
        .ifPresent(position ->
            findings.add(
                at(
                    new RunCheck.Place(position.position(), head),
                    Kind.TOKEN_DIFFERS,
                    prompt,
                    "prefers token %d to %d, and rounding does not explain it"
                        .formatted(position.logits().otherTop(), position.logits().top()))));
    if (check.unstable().isEmpty() && check.textIsUnexplained()) {
      findings.add(
          new Finding(
              Kind.UNSTABLE,
              prompt,
              head,
              "the device's own text is another, and no run of it prefers another token there",
              Optional.empty()));
    }
  }

  /** What differs and is not wrong by itself can only have been something else. */
  private static Optional<RunCheck.Place> notReproduced(PromptCheck check) {
    return check
        .notReproduced()
        .or(() -> check.faults().isEmpty() ? check.first() : Optional.empty());
  }

  private static Finding at(RunCheck.Place place, Kind kind, int prompt, String what) {
    return new Finding(
        kind,
        prompt,
        place.key(),
        "%s at position %d %s".formatted(place.key(), place.position(), what),
        Optional.empty());
  }

  private static String share(BudgetUse use) {
    return use.unlimited() > 0
        ? String.format(Locale.ROOT, "for %,d of them no budget can be derived", use.unlimited())
        : String.format(Locale.ROOT, "%.3g of its budget", use.used());
  }

  private static String sentence(StageFault fault) {
    String away =
        String.format(
            Locale.ROOT,
            "%s differs by itself in %,d of %,d values, by %.3g of its rms at most",
            fault.key(),
            fault.device().differing(),
            fault.device().elements(),
            fault.device().scaled());
    return fault
        .budget()
        .map(use -> "%s; %s (%s)".formatted(away, share(use), use.basis()))
        .orElse(away);
  }
}
