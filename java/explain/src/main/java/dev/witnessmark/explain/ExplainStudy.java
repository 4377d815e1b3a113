package dev.witnessmark.explain;

import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.RunRecord;
import dev.witnessmark.verdict.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One or more fine-tunes of one base, explained.
 *
 * @param results one for each
 * @param bootstraps over prompts, one for each result that has activations
 * @param stability of the order of candidates over them, where there are several
 * @param run the run record
 */
public record ExplainStudy(
    List<ExplainResult> results,
    List<Bootstrap> bootstraps,
    Optional<Stability> stability,
    RunRecord run) {

  public ExplainStudy {
    results = List.copyOf(results);
    bootstraps = List.copyOf(bootstraps);
  }

  /** Whether the deltas can be explained at all: what explains them is no difference. */
  public Verdict verdict() {
    List<String> basis = new ArrayList<>();
    boolean doubtful = false;
    for (ExplainResult result : results) {
      long rounded =
          result.deltas().stream()
              .filter(delta -> delta.usability() != DeltaRow.Usability.USABLE)
              .count();
      basis.add(
          rounded == 0
              ? "%s: all of %d deltas are usable".formatted(result.tuned(), result.deltas().size())
              : "%s: of %d deltas %d are rounding for a tenth or more, or nobody can tell"
                  .formatted(result.tuned(), result.deltas().size(), rounded));
      doubtful |= result.usability() != DeltaRow.Usability.USABLE;
    }
    return doubtful
        ? new Verdict("doubtful", ExitCode.INCONCLUSIVE, basis)
        : new Verdict("explained", ExitCode.SAME, basis);
  }
}
