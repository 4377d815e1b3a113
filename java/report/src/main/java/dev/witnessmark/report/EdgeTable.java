package dev.witnessmark.report;

import dev.witnessmark.causal.diff.Edge;
import dev.witnessmark.causal.diff.EdgeSink;
import dev.witnessmark.causal.diff.Measure;
import dev.witnessmark.causal.diff.PackedEdge;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Edges as a Parquet file, one row for each row of a tensor that shifted: {@code base}, {@code
 * tuned}, {@code tensor}, {@code row}, {@code block} (null where the name says none), {@code
 * projection}, {@code layer_type}, {@code verb}, {@code distance}, {@code frequency}, {@code
 * confidence}, {@code packed} (the 64 bits of a packed edge; null where rows were not compared by
 * fingerprints) and {@code fits} (whether nothing was lost in packing).
 */
public final class EdgeTable implements AutoCloseable {

  private record Row(String base, String tuned, Measure measure, Edge edge) {

    OptionalLong packed() {
      return measure == Measure.BASE17
          ? OptionalLong.of(PackedEdge.of(edge).word())
          : OptionalLong.empty();
    }

    Optional<Boolean> fits() {
      return measure == Measure.BASE17
          ? Optional.of(PackedEdge.fits(edge.block(), edge.row(), (long) edge.distance()))
          : Optional.empty();
    }
  }

  private static final List<ParquetColumn<Row>> COLUMNS =
      List.of(
          ParquetColumn.text("base", Row::base),
          ParquetColumn.text("tuned", Row::tuned),
          ParquetColumn.text("tensor", row -> row.edge().tensor()),
          ParquetColumn.whole("row", row -> row.edge().row()),
          ParquetColumn.perhapsWhole("block", row -> row.edge().block()),
          ParquetColumn.text("projection", row -> row.edge().projection().label()),
          ParquetColumn.text("layer_type", row -> row.edge().layerType().label()),
          ParquetColumn.text("verb", row -> row.edge().verb().name()),
          ParquetColumn.number("distance", row -> row.edge().distance()),
          ParquetColumn.real("frequency", row -> row.edge().truth().frequency()),
          ParquetColumn.real("confidence", row -> row.edge().truth().confidence()),
          ParquetColumn.perhapsWord("packed", Row::packed),
          ParquetColumn.perhapsFlag("fits", Row::fits));

  private final ParquetTable<Row> table;

  /** Creates or replaces {@code file}. */
  public EdgeTable(Path file) throws IOException {
    table = new ParquetTable<>(file, "edge", COLUMNS);
  }

  /** Takes the edges of a diff. */
  public EdgeSink edges(String base, String tuned, Measure measure) {
    return edge -> table.append(new Row(base, tuned, measure, edge));
  }

  @Override
  public void close() throws IOException {
    table.close();
  }
}
