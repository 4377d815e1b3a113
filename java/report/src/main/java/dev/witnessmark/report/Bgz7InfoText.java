package dev.witnessmark.report;

import static dev.witnessmark.report.Table.Align.LEFT;
import static dev.witnessmark.report.Table.Align.RIGHT;

import dev.witnessmark.fingerprint.BlockNumber;
import dev.witnessmark.fingerprint.LayerType;
import dev.witnessmark.fingerprint.Projection;
import dev.witnessmark.fingerprint.bgz7.Bgz7Index;
import dev.witnessmark.fingerprint.bgz7.Bgz7Record;
import dev.witnessmark.fingerprint.index.LayerStatistics;
import dev.witnessmark.format.Printable;
import java.io.PrintStream;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalLong;

/** The screen of {@code wmark info} on an index file. */
public final class Bgz7InfoText {

  private static final int FEW = 12;

  private Bgz7InfoText() {}

  /**
   * Prints what {@code path} holds.
   *
   * @param all every record instead of the first few
   */
  public static void print(String path, Bgz7Index index, boolean all, PrintStream out) {
    out.println(
        Printable.of(
            "%s   BGZ7 index, fingerprints of %s, %s"
                .formatted(
                    path,
                    Numbers.of(index.records().size(), "tensor"),
                    Numbers.bytes(index.source().size()))));
    index.notices().forEach(notice -> out.println(Printable.of(" note: " + notice)));
    out.println();
    Map<LayerType, LayerStatistics> byType = new EnumMap<>(LayerType.class);
    for (LayerType type : LayerType.values()) {
      byType.put(type, LayerStatistics.of(type, index.records()));
    }
    LayerStatistics total =
        byType.values().stream().reduce(LayerStatistics.NONE, LayerStatistics::plus);
    IndexText.statistics(byType, total).lines(" ").forEach(out::println);
    out.println();
    int shown = all ? index.records().size() : Math.min(FEW, index.records().size());
    Table table = new Table(LEFT, LEFT, LEFT, RIGHT, RIGHT, RIGHT);
    table.row("tensor", "type", "projection", "block", "rows", "columns");
    for (Bgz7Record record : index.records().subList(0, shown)) {
      OptionalLong block = BlockNumber.of(record.name());
      table.row(
          record.name(),
          record.layerType().label(),
          Projection.of(record.name()).label(),
          block.isPresent() ? String.valueOf(block.getAsLong()) : Numbers.UNDEFINED,
          Numbers.exact(record.rows()),
          Numbers.exact(record.columns()));
    }
    table.lines(" ").forEach(line -> out.println(Printable.of(line)));
    if (shown < index.records().size()) {
      out.println(
          " …%s (--all)".formatted(Numbers.of(index.records().size() - shown, "more tensor")));
    }
    out.flush();
  }
}
