package dev.witnessmark.falsify;

import dev.witnessmark.verdict.CouldNotCompare;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * A numbered experiment: all that is said of it anywhere.
 *
 * @param number how it is called, for example {@code 008}
 * @param title what it looks at
 * @param question what was asked
 * @param setUp how, from the definition
 * @param run computes it in the experiment's own arithmetic, in scalar code
 * @param quantities what is read off
 * @param claims what was, or should have been, concluded, each with its control
 * @param trials what the program's own kernels make of its input
 * @param notShown what does not follow from it, in sentences
 * @param <R> the outcome
 */
public record Experiment<R>(
    String number,
    String title,
    String question,
    String setUp,
    Supplier<R> run,
    List<Quantity<R>> quantities,
    List<Claim<R>> claims,
    List<Trial> trials,
    List<String> notShown) {

  public Experiment {
    quantities = List.copyOf(quantities);
    claims = List.copyOf(claims);
    trials = List.copyOf(trials);
    notShown = List.copyOf(notShown);
  }

  /**
   * Computes everything, the trials on both.
   *
   * @throws CouldNotCompare if one of them lacks a kernel
   */
  public ExperimentResult perform(Kernels oracle, Kernels device) throws CouldNotCompare {
    R outcome = run.get();
    List<TrialResult> tried = new ArrayList<>();
    for (Trial trial : trials) {
      tried.add(trial.on(oracle, device));
    }
    return new ExperimentResult(
        this,
        quantities.stream().map(quantity -> quantity.of(outcome)).toList(),
        claims.stream().map(claim -> claim.of(outcome)).toList(),
        tried);
  }
}
