package dev.witnessmark.report;

import dev.witnessmark.causal.diff.CausalResult;
import dev.witnessmark.causal.diff.HeadKey;
import dev.witnessmark.causal.diff.Shift;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Heads as a Parquet file, one row for each block and projection of each diff: {@code base}, {@code
 * tuned}, {@code block}, {@code projection}, {@code shifted}, {@code rows}, {@code ratio}, {@code
 * mean}, {@code mean_of_shifted}, {@code largest}, {@code null_mean} (null where it is not known).
 */
public final class HeadTable {

  private record Row(String base, String tuned, HeadKey head, Shift shift) {}

  private static final List<ParquetColumn<Row>> COLUMNS =
      List.of(
          ParquetColumn.text("base", Row::base),
          ParquetColumn.text("tuned", Row::tuned),
          ParquetColumn.whole("block", row -> row.head().block()),
          ParquetColumn.text("projection", row -> row.head().projection().label()),
          ParquetColumn.whole("shifted", row -> row.shift().shifted()),
          ParquetColumn.whole("rows", row -> row.shift().rows()),
          ParquetColumn.number("ratio", row -> row.shift().ratio()),
          ParquetColumn.number("mean", row -> row.shift().mean()),
          ParquetColumn.number("mean_of_shifted", row -> row.shift().meanOfShifted()),
          ParquetColumn.number("largest", row -> row.shift().largest()),
          ParquetColumn.perhapsNumber("null_mean", row -> row.shift().meanOfNull()));

  private HeadTable() {}

  /** Writes the heads of {@code diffs} to {@code file}, which is created or replaced. */
  public static void write(List<CausalResult> diffs, Path file) throws IOException {
    try (ParquetTable<Row> table = new ParquetTable<>(file, "head", COLUMNS)) {
      for (CausalResult diff : diffs) {
        for (Map.Entry<HeadKey, Shift> head : diff.heads().entrySet()) {
          table.append(new Row(diff.base(), diff.tuned(), head.getKey(), head.getValue()));
        }
      }
    }
  }
}
