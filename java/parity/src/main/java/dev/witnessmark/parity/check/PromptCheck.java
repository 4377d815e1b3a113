package dev.witnessmark.parity.check;

import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.parity.trace.Sequence;
import java.util.List;
import java.util.Optional;

/**
 * A prompt on both sides.
 *
 * @param text where it was given as text
 * @param sequence what the oracle makes of it
 * @param generated what the device makes of it by itself
 * @param runs every run of the device on the oracle's tokens
 * @param unstable the first stage that was not the same in all runs
 * @param notReproduced the first stage of a run that was something else when it was looked at again
 * @param faults stages that are wrong by themselves: not what the oracle makes of the device's own
 *     inputs, in forward order
 * @param judged stages that were looked at
 * @param graft what became of the logits with the oracle's values in place of the faults'
 */
public record PromptCheck(
    Optional<String> text,
    Sequence sequence,
    List<Integer> generated,
    List<RunCheck> runs,
    Optional<RunCheck.Place> unstable,
    Optional<RunCheck.Place> notReproduced,
    List<StageFault> faults,
    int judged,
    Optional<GraftResult> graft) {

  public PromptCheck {
    generated = List.copyOf(generated);
    runs = List.copyOf(runs);
    faults = List.copyOf(faults);
  }

  /**
   * The device's logits with the oracle's values in some places.
   *
   * @param at these places, one for each fault
   * @param recovered whether they are the oracle's to the bit
   * @param distance root mean square of what is left, over that of the oracle's logits, in the call
   *     where this is largest
   * @param before the same without the graft
   */
  public record GraftResult(List<StageKey> at, boolean recovered, double distance, double before) {}

  /** Whether every run has every bit. */
  public boolean same() {
    return unstable.isEmpty()
        && runs.stream().allMatch(RunCheck::same)
        && generated.equals(sequence.generated());
  }

  /**
   * Whether the device's own text leaves the oracle's with a token that no run on the oracle's
   * tokens prefers there.
   */
  boolean textIsUnexplained() {
    List<Integer> right = sequence.generated();
    if (generated.equals(right)) {
      return false;
    }
    int same = 0;
    while (same < right.size()
        && same < generated.size()
        && right.get(same).equals(generated.get(same))) {
      same++;
    }
    int position = sequence.prompt() + same - 1;
    int token = same < generated.size() ? generated.get(same) : -1;
    return runs.stream()
        .flatMap(run -> run.positions().stream())
        .noneMatch(seen -> seen.position() == position && seen.logits().otherTop() == token);
  }

  /** The first place where a run left the oracle. */
  public Optional<RunCheck.Place> first() {
    return runs.stream().flatMap(run -> run.first().stream()).findFirst();
  }
}
