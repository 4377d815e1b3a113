package dev.witnessmark.causal;

import dev.witnessmark.causal.diff.CausalResult;
import dev.witnessmark.causal.diff.RevisedTruths;
import dev.witnessmark.causal.quality.Beliefs;
import dev.witnessmark.causal.quality.QualityMap;
import dev.witnessmark.causal.quality.VolatilityMap;
import dev.witnessmark.causal.trace.RowTrace;
import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.RunRecord;
import dev.witnessmark.verdict.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Everything one run found out.
 *
 * @param diffs each base against each tuned model, in the order asked for
 * @param inOrder what they say together, revised one after the other
 * @param pooled what they say together, counted together
 * @param quality of heads, where two tuned models and a small pair were compared
 * @param volatility of heads, where the tuned models were compared with each other too
 * @param beliefs after feedback, where there was any
 * @param trace backwards from a row, where one was asked for
 * @param run the run record
 */
public record CausalStudy(
    List<CausalResult> diffs,
    RevisedTruths inOrder,
    RevisedTruths pooled,
    Optional<QualityMap> quality,
    Optional<VolatilityMap> volatility,
    Optional<Beliefs> beliefs,
    Optional<RowTrace> trace,
    RunRecord run) {

  /** Exit codes from the one that decides to the one that decides least. */
  private static final List<ExitCode> WEIGHT =
      List.of(ExitCode.COULD_NOT_COMPARE, ExitCode.DIFFERS, ExitCode.INCONCLUSIVE, ExitCode.SAME);

  public CausalStudy {
    diffs = List.copyOf(diffs);
  }

  /** The answer of the diff that decides: one that is no answer, then one that differs. */
  public Verdict verdict() {
    if (diffs.size() == 1) {
      return diffs.getFirst().verdict();
    }
    List<String> basis = new ArrayList<>();
    Verdict deciding = diffs.getFirst().verdict();
    for (CausalResult diff : diffs) {
      Verdict verdict = diff.verdict();
      verdict.basis().forEach(line -> basis.add(diff.base() + " → " + diff.tuned() + ": " + line));
      if (WEIGHT.indexOf(verdict.exit()) < WEIGHT.indexOf(deciding.exit())) {
        deciding = verdict;
      }
    }
    return new Verdict(deciding.label(), deciding.exit(), basis);
  }
}
