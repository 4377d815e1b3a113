package dev.witnessmark.report;

import dev.witnessmark.capture.Manifest;
import dev.witnessmark.capture.Provenance;
import dev.witnessmark.format.Printable;
import dev.witnessmark.parity.trace.StageSummary;
import dev.witnessmark.parity.trace.TraceResult;
import dev.witnessmark.report.Table.Align;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A trace for people. */
public final class TraceText {

  private static final int LIKELIEST = 5;

  private TraceText() {}

  /**
   * Prints what was run, what came out, and where it is.
   *
   * @param text shows token ids as text
   * @param folder of the capture, if there is one
   */
  public static void print(
      TraceResult result, TokenText text, @Nullable Path folder, PrintStream out) {
    Provenance p = result.provenance();
    out.printf(
        Locale.ROOT,
        " %s   %s, %d layers, hidden %d%n",
        Printable.of(p.model()),
        Printable.of(p.hyperparameters().architecture()),
        p.hyperparameters().layers(),
        p.hyperparameters().hidden());
    out.printf(" %s · path %s · cache %s · %s%n", p.run().kernels(), p.path(), p.cache(), p.mode());
    for (Provenance.MatrixArithmetic matrix : p.matrices()) {
      out.printf(
          "   %s took %s%s%n",
          Printable.of(matrix.matrix()),
          matrix.path(),
          matrix.reason().isEmpty() ? "" : ": " + matrix.reason());
    }
    if (result.quantisedRows() > 0) {
      out.printf(
          Locale.ROOT,
          "   crushed blocks: %,d of %,d rows took float activations%n",
          result.crushedRows(),
          result.quantisedRows());
    }
    if (result.residentLayers() < p.hyperparameters().layers()) {
      out.printf(
          "   %d of %d layers stay in memory, the others are read for every call%n",
          result.residentLayers(), p.hyperparameters().layers());
    }
    out.println();
    print(result, text, out);
    result.manifest().ifPresent(manifest -> print(manifest, folder, out));
    if (!result.summaries().isEmpty()) {
      out.println();
      summaries(result.summaries(), out);
    }
  }

  private static void print(TraceResult result, TokenText text, PrintStream out) {
    int prompt = result.sequence().prompt();
    out.printf(" %d tokens: %s%n", prompt, result.sequence().tokens().subList(0, prompt));
    List<Integer> generated = result.sequence().generated();
    if (!generated.isEmpty()) {
      out.printf(
          " generated: %s%n",
          text.quoted(generated.stream().mapToInt(Integer::intValue).toArray()));
    }
    out.println(" likeliest next:");
    Table table = new Table(Align.RIGHT, Align.RIGHT, Align.LEFT);
    for (int token : result.likeliest(LIKELIEST)) {
      table.row(
          Integer.toString(token),
          String.format(Locale.ROOT, "%.4f", result.logits()[token]),
          text.of(token).isPresent() ? text.quoted(token) : Numbers.UNDEFINED);
    }
    table.lines("   ").forEach(out::println);
  }

  private static void print(Manifest manifest, @Nullable Path folder, PrintStream out) {
    long bytes =
        manifest.stages().values().stream().mapToLong(stage -> stage.file().bytes()).sum()
            + manifest.exact().map(Manifest.HashedFile::bytes).orElse(0L);
    out.println();
    out.printf(
        Locale.ROOT,
        " captured %s of %,d positions, %s, in %s%n",
        Numbers.of(manifest.stages().size(), "stage"),
        manifest.provenance().positions(),
        Numbers.bytes(bytes),
        folder);
  }

  private static void summaries(List<StageSummary> summaries, PrintStream out) {
    Table table =
        new Table(
                Align.LEFT,
                Align.RIGHT,
                Align.RIGHT,
                Align.RIGHT,
                Align.RIGHT,
                Align.RIGHT,
                Align.RIGHT,
                Align.LEFT)
            .row("stage", "values", "mean", "rms", "smallest", "largest", "NaN+Inf", "hash");
    for (StageSummary s : summaries) {
      table.row(
          s.key().name(),
          String.format(Locale.ROOT, "%,d", s.elements()),
          String.format(Locale.ROOT, "%.3e", s.mean()),
          String.format(Locale.ROOT, "%.3e", s.rms()),
          String.format(Locale.ROOT, "%.3e", s.smallest()),
          String.format(Locale.ROOT, "%.3e", s.largest()),
          String.format(Locale.ROOT, "%,d", s.nonFinite()),
          String.format(Locale.ROOT, "%016x", s.hash()));
    }
    table.lines(" ").forEach(out::println);
  }
}
