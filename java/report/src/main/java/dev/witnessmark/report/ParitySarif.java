package dev.witnessmark.report;

import dev.witnessmark.parity.budget.BudgetUse;
import dev.witnessmark.parity.check.Finding;
import dev.witnessmark.parity.check.ParityResult;
import dev.witnessmark.parity.check.StageFault;
import dev.witnessmark.parity.check.StandIn;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A SARIF 2.1.0 log, as code hosts read it: a result per finding, at its stage and, where an own
 * kernel makes that, in its file. What stays in its budget is no error.
 */
public final class ParitySarif {

  private ParitySarif() {}

  /** Writes {@code result} to {@code out}, which stays open. */
  public static void write(ParityResult result, OutputStream out) {
    Sarif.write(
        new SarifRun(
            "wmark parity",
            result.run().version(),
            result.run().arguments(),
            result.verdict().exit(),
            rules()),
        result.findings().stream().map(finding -> result(result, finding)).toList(),
        out);
  }

  private static Map<String, String> rules() {
    Map<String, String> rules = new LinkedHashMap<>();
    for (Finding.Kind kind : Finding.Kind.values()) {
      rules.put(
          kind.id(),
          switch (kind) {
            case STAGE_DIFFERS -> "A stage is wrong by itself, fed its own inputs.";
            case WITHIN_BUDGET -> "A stage differs by no more than rounding explains.";
            case UNSTABLE -> "Not the same in every run.";
            case NOT_REPRODUCED -> "Differs in a run, and not so when it was looked at again.";
            case TOKEN_DIFFERS -> "Another token comes next, and rounding does not explain it.";
          });
    }
    return rules;
  }

  private static SarifResult result(ParityResult result, Finding finding) {
    Path file =
        result.ownKernels().stream()
            .filter(own -> own.stage() == finding.key().stage())
            .map(StandIn::file)
            .findFirst()
            .orElse(null);
    return new SarifResult(
        finding.kind().id(),
        finding.isAllowed() ? "informational" : "fail",
        finding.isAllowed() ? "none" : "error",
        finding.sentence(),
        file,
        finding.key().name(),
        new SarifResult.Fingerprint(
            "stage/v1",
            "%s prompt %d %s".formatted(result.device(), finding.prompt(), finding.key())),
        finding.fault().map(ParitySarif::properties).orElse(Map.of()));
  }

  private static Map<String, @Nullable Double> properties(StageFault fault) {
    Map<String, @Nullable Double> properties = new LinkedHashMap<>();
    properties.put("largestOverRms", fault.device().scaled());
    properties.put("leastCosine", fault.device().leastCosine());
    properties.put("budgetUsed", fault.budget().map(BudgetUse::used).orElse(null));
    return properties;
  }
}
