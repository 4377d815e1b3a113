package dev.witnessmark.report;

import dev.witnessmark.bench.guard.CellResult;
import dev.witnessmark.bench.guard.CellStatistics;
import dev.witnessmark.bench.guard.GuardResult;
import dev.witnessmark.bench.guard.Outcome;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A SARIF 2.1.0 log, as code hosts read it: a result per cell, a rule per outcome. Only a loss is
 * of level error; what is unclear is an open result, and what was not compared a warning.
 */
public final class GuardSarif {

  private GuardSarif() {}

  /** Writes {@code result} to {@code out}, which stays open. */
  public static void write(GuardResult result, OutputStream out) {
    // The file that holds the new samples.
    Path file = result.interleaved() == null ? Path.of(result.after().name()) : null;
    Sarif.write(
        new SarifRun(
            "wmark guard",
            result.run().version(),
            result.run().arguments(),
            result.verdict().exit(),
            rules()),
        result.cells().stream().map(cell -> result(cell, file)).toList(),
        out);
  }

  private static Map<String, String> rules() {
    Map<String, String> rules = new LinkedHashMap<>();
    for (Outcome outcome : Outcome.values()) {
      rules.put(
          outcome.label(),
          switch (outcome) {
            case SLOWER -> "More time than noise explains.";
            case FASTER -> "Less time than noise explains.";
            case SAME -> "No change beyond noise.";
            case UNCLEAR -> "Noise hides the answer.";
            case NOT_COMPARED -> "Nothing to compare with.";
          });
    }
    return rules;
  }

  private static SarifResult result(CellResult cell, @Nullable Path file) {
    String label = cell.key().label();
    Map<String, @Nullable Double> properties = new LinkedHashMap<>();
    CellStatistics statistics = cell.statistics();
    if (statistics != null) {
      properties.put("timeRatio", statistics.time().ratio());
      properties.put("noise", statistics.noise());
    }
    return new SarifResult(
        cell.outcome().label(),
        switch (cell.outcome()) {
          case SLOWER, NOT_COMPARED -> "fail";
          case FASTER -> "informational";
          case SAME -> "pass";
          case UNCLEAR -> "open";
        },
        switch (cell.outcome()) {
          case SLOWER -> "error";
          case NOT_COMPARED -> "warning";
          case FASTER, SAME, UNCLEAR -> "none";
        },
        label + ": " + GuardSentence.of(cell),
        file,
        label,
        new SarifResult.Fingerprint("cell/v1", cell.key().device().label() + " " + label),
        properties);
  }
}
