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
 * @param unstable the first stage that was not the same in all runs of a mode
 * @param faults stages that are wrong by themselves, fed the oracle's inputs, in forward order
 * @param judged stages that were fed the oracle's inputs
 * @param graft what became of the logits with the oracle's values in place of the faults'
 */
public record PromptCheck(
    Optional<String> text,
    Sequence sequence,
    List<Integer> generated,
    List<RunCheck> runs,
    Optional<RunCheck.Place> unstable,
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
   * @param distance root mean square of what is left, over that of the oracle's logits
   * @param before the same without the graft
   */
  public record GraftResult(List<StageKey> at, boolean recovered, double distance, double before) {}

  /** Whether every run has every bit. */
  public boolean same() {
    return unstable.isEmpty()
        && runs.stream().allMatch(RunCheck::same)
        && generated.equals(sequence.generated());
  }

  /** The first place where a run left the oracle. */
  public Optional<RunCheck.Place> first() {
    return runs.stream().flatMap(run -> run.first().stream()).findFirst();
  }
}
