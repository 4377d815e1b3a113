package dev.witnessmark.report;

import static dev.witnessmark.report.Table.Align.LEFT;
import static dev.witnessmark.report.Table.Align.RIGHT;

import dev.witnessmark.compare.inspect.TensorInspector;
import dev.witnessmark.compare.inspect.TensorSummary;
import java.util.ArrayList;
import java.util.List;

/** A table of tensors whose last columns are what was found out by reading them. */
final class TensorTable {

  private final Table table;

  /**
   * @param aligns of the columns before
   * @param header of the columns before
   * @param findings of any of the tensors: all were read alike
   */
  TensorTable(List<Table.Align> aligns, List<String> header, TensorInspector.Findings findings) {
    List<Table.Align> all = new ArrayList<>(aligns);
    List<String> names = new ArrayList<>(header);
    if (findings.summary() != null) {
      all.addAll(List.of(RIGHT, RIGHT, RIGHT, RIGHT, RIGHT));
      names.addAll(List.of("min", "max", "mean", "rms", "NaN/Inf"));
    }
    if (findings.sha256() != null) {
      all.add(LEFT);
      names.add("SHA-256");
    }
    table = new Table(all.toArray(Table.Align[]::new));
    table.row(names.toArray(String[]::new));
  }

  void row(List<String> cells, TensorInspector.Findings findings) {
    List<String> row = new ArrayList<>(cells);
    TensorSummary summary = findings.summary();
    if (summary != null) {
      row.add(Numbers.measure(summary.minimum()));
      row.add(Numbers.measure(summary.maximum()));
      row.add(Numbers.measure(summary.mean()));
      row.add(Numbers.measure(summary.rms()));
      row.add(Long.toString(summary.nans() + summary.infinities()));
    }
    if (findings.sha256() != null) {
      row.add(findings.sha256());
    }
    table.row(row.toArray(String[]::new));
  }

  List<String> lines(String indent) {
    return table.lines(indent);
  }
}
