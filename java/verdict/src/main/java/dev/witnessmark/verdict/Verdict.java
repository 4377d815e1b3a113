package dev.witnessmark.verdict;

import java.util.List;

/**
 * The answer: text, JSON and exit code are all made from this.
 *
 * @param label for a comparison one of {@code bit-identical}, {@code identical}, {@code
 *     within-quantisation}, {@code as-expected}, {@code differs}; for a benchmark one of {@code
 *     same}, {@code faster}, {@code slower}, {@code unclear}; for experiments {@code reproduced},
 *     {@code explained} or {@code differs}; for all {@code could-not-compare}
 * @param exit the exit code
 * @param basis why, sentence by sentence
 */
public record Verdict(String label, ExitCode exit, List<String> basis) {

  public Verdict {
    basis = List.copyOf(basis);
  }
}
