package dev.witnessmark.report;

import dev.witnessmark.explain.ExplainResult;
import dev.witnessmark.explain.candidate.Candidate;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** The files of {@code wmark explain --tables}, by name. */
public final class ExplainTables {

  private ExplainTables() {}

  /** What writes each file of {@code result}. */
  public static Map<String, Consumer<PrintStream>> of(ExplainResult result) {
    Map<String, Consumer<PrintStream>> files = new LinkedHashMap<>();
    files.put("per_layer.csv", out -> Column.text(out, ',', result.rows(), ExplainColumns.LAYER));
    files.put(
        "summary.tsv", out -> Column.text(out, '\t', result.summary(), ExplainColumns.SUMMARY));
    files.put(
        "specific_per_layer.csv",
        out -> Column.text(out, ',', result.rows(), ExplainColumns.SPECIFIC));
    files.put("deltas.csv", out -> Column.text(out, ',', result.deltas(), ExplainColumns.DELTA));
    files.put("targets.csv", out -> Column.text(out, ',', result.targets(), ExplainColumns.TARGET));
    files.put(
        "alignment.csv", out -> Column.text(out, ',', result.spectra(), ExplainColumns.SPECTRUM));
    if (!result.scope().isEmpty()) {
      files.put("scope.csv", out -> Column.text(out, ',', result.scope(), ExplainColumns.SCOPE));
    }
    files.put("definitions.md", ExplainTables::definitions);
    files.put("conclusion.md", out -> conclusion(result, out));
    return files;
  }

  private static void definitions(PrintStream out) {
    out.println("| subspace | family | axis | source | definition |");
    out.println("|---|---|---|---|---|");
    for (Candidate candidate : Candidate.values()) {
      out.println(
          "| %s | %s | %s | %s | %s |"
              .formatted(
                  candidate.label(),
                  candidate.family().label(),
                  candidate.axis().label(),
                  candidate.source().label(),
                  candidate.definition().replace("|", "\\|")));
    }
  }

  private static void conclusion(ExplainResult result, PrintStream out) {
    out.println("# What explains the fine-tune");
    out.println();
    for (String sentence : ExplainConclusion.of(result)) {
      out.println("* " + sentence + ".");
    }
  }
}
