package dev.witnessmark.report;

import java.io.PrintStream;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * A column of a table that is written as JSON objects and as delimited text alike.
 *
 * @param <T> what a row is made from
 * @param name published or own name
 * @param value a {@link Number}, {@link Boolean} or text; null where it is not defined
 */
record Column<T>(String name, Function<T, @Nullable Object> value) {

  /** A number; NaN is null. */
  static <T> Column<T> number(String name, ToDoubleFunction<T> value) {
    return new Column<>(
        name,
        row -> {
          double number = value.applyAsDouble(row);
          return Double.isNaN(number) ? null : (Object) number;
        });
  }

  /** Writes {@code rows} as an array of objects. */
  static <T> void json(
      JsonGenerator json, String name, Collection<T> rows, List<Column<T>> columns) {
    Json.array(
        json,
        name,
        rows,
        row -> {
          json.writeStartObject();
          for (Column<T> column : columns) {
            write(json, column.name(), column.value().apply(row));
          }
          json.writeEndObject();
        });
  }

  private static void write(JsonGenerator json, String name, @Nullable Object value) {
    switch (value) {
      case null -> Json.text(json, name, null);
      case Double number -> Json.number(json, name, number);
      case Number whole -> Json.whole(json, name, whole.longValue());
      case Boolean flag -> json.writeBooleanProperty(name, flag);
      default -> json.writeStringProperty(name, value.toString());
    }
  }

  /**
   * Writes {@code rows} as lines with a header; no value may hold {@code separator}, a quote or the
   * end of a line.
   */
  static <T> void text(
      PrintStream out, char separator, Collection<T> rows, List<Column<T>> columns) {
    String between = String.valueOf(separator);
    out.print(columns.stream().map(Column::name).collect(Collectors.joining(between)) + "\n");
    for (T row : rows) {
      out.print(
          columns.stream()
                  .map(column -> column.value().apply(row))
                  .map(value -> value == null ? "" : value.toString())
                  .collect(Collectors.joining(between))
              + "\n");
    }
    out.flush();
  }
}
