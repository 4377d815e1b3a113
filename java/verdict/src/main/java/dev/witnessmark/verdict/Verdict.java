package dev.witnessmark.verdict;

import java.util.List;

/**
 * The answer: text, JSON and exit code are all made from this.
 *
 * @param label one of {@code bit-identical}, {@code identical}, {@code within-quantisation}, {@code
 *     as-expected}, {@code differs}, {@code could-not-compare}
 * @param exit the exit code
 * @param basis why, sentence by sentence
 */
public record Verdict(String label, ExitCode exit, List<String> basis) {

  public Verdict {
    basis = List.copyOf(basis);
  }
}
