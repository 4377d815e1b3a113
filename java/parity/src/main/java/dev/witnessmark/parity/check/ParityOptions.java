package dev.witnessmark.parity.check;

import dev.witnessmark.inference.LaunchMode;
import dev.witnessmark.inference.PassOptions;
import dev.witnessmark.inference.StepRunner;
import dev.witnessmark.parity.trace.Prompt;
import dev.witnessmark.verdict.RunRecord;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a parity check is to do.
 *
 * @param prompts what the model is given
 * @param generate tokens to add after each
 * @param ends tokens after which nothing follows
 * @param modes how the device's work is launched, one run after the other
 * @param repeat runs of each mode
 * @param pass how the model is run
 * @param runner runs the device's operations; empty for our canonical kernels
 * @param run what was asked, for the record
 * @param <M> memory of the device
 */
public record ParityOptions<M>(
    List<Prompt> prompts,
    int generate,
    Set<Integer> ends,
    List<LaunchMode> modes,
    int repeat,
    PassOptions pass,
    Optional<StepRunner<M>> runner,
    RunRecord run) {

  public ParityOptions {
    prompts = List.copyOf(prompts);
    ends = Set.copyOf(ends);
    modes = List.copyOf(modes);
  }
}
