package dev.witnessmark.report;

import static dev.witnessmark.report.Table.Align.LEFT;
import static dev.witnessmark.report.Table.Align.RIGHT;

import dev.witnessmark.fingerprint.LayerType;
import dev.witnessmark.fingerprint.index.IndexResult;
import dev.witnessmark.fingerprint.index.LayerStatistics;
import dev.witnessmark.format.Printable;
import java.io.PrintStream;
import java.util.Map;

/** The screen of {@code wmark index}. */
public final class IndexText {

  private IndexText() {}

  public static void print(IndexResult result, PrintStream out) {
    for (IndexResult.Output output : result.outputs()) {
      print(output, out);
    }
    out.flush();
  }

  private static void print(IndexResult.Output output, PrintStream out) {
    out.println(
        Printable.of(
            "%s   fingerprints of %s, %s"
                .formatted(
                    output.path(),
                    Numbers.of(output.total().tensors(), "tensor"),
                    Numbers.bytes(output.bytes()))));
    for (IndexResult.Model model : output.models()) {
      out.println(
          Printable.of(
              " %s   %s, %s, %d without fingerprints"
                  .formatted(
                      model.name(),
                      model.container(),
                      Numbers.of(model.tensors(), "tensor"),
                      model.tensors() - model.indexed())));
      model.notices().forEach(notice -> out.println(Printable.of(" note: " + notice)));
      if (!model.unsupported().isEmpty()) {
        out.println(
            Printable.of(
                " left out: %s of integers, the first one %s"
                    .formatted(
                        Numbers.of(model.unsupported().size(), "tensor"),
                        model.unsupported().getFirst())));
      }
    }
    out.println();
    statistics(output.byType(), output.total()).lines(" ").forEach(out::println);
    out.println();
  }

  /** A line for each type that has tensors, and one for all. */
  static Table statistics(Map<LayerType, LayerStatistics> byType, LayerStatistics total) {
    Table table = new Table(LEFT, RIGHT, RIGHT, RIGHT, RIGHT);
    table.row("type", "tensors", "values × 4 B", "fingerprints", "fingerprint reduction");
    byType.forEach((type, statistics) -> {
      if (statistics.tensors() > 0) {
        row(table, type.label(), statistics);
      }
    });
    row(table, "all", total);
    return table;
  }

  private static void row(Table table, String label, LayerStatistics statistics) {
    table.row(
        label,
        Numbers.exact(statistics.tensors()),
        Numbers.bytes(statistics.originalBytes()),
        Numbers.bytes(statistics.fingerprintBytes()),
        Numbers.measure(statistics.reduction()) + " ×");
  }
}
