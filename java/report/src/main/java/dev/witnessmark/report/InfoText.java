package dev.witnessmark.report;

import static dev.witnessmark.report.Table.Align.LEFT;
import static dev.witnessmark.report.Table.Align.RIGHT;

import dev.witnessmark.compare.inspect.InspectedTensor;
import dev.witnessmark.compare.inspect.Inspection;
import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.format.Printable;
import dev.witnessmark.format.TensorView;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The screen of {@code wmark info}. */
public final class InfoText {

  private static final int FEW = 12;
  private static final int LONGEST_VALUE = 72;

  private InfoText() {}

  /**
   * Prints one checkpoint.
   *
   * @param all every tensor and every metadata key instead of the first few
   */
  public static void print(String path, Inspection inspection, boolean all, PrintStream out) {
    out.println(
        Printable.of(
            "%s   %s%s, %s, %s, %s, %s values, %s%s"
                .formatted(
                    path,
                    inspection.checkpoint().format().label(),
                    inspection.checkpoint().formatVersion().isEmpty()
                        ? ""
                        : " v" + inspection.checkpoint().formatVersion(),
                    inspection.model().architecture(),
                    Numbers.of(inspection.model().blocks(), "block"),
                    Numbers.of(inspection.tensors().size(), "tensor"),
                    Numbers.count(inspection.model().parameters()),
                    Numbers.bytes(inspection.fileBytes()),
                    inspection.model().tiedHead() ? ", head tied to the embedding" : "")));
    inspection.checkpoint().notes().forEach(note -> out.println(Printable.of(" note: " + note)));
    out.println();
    types(inspection, out);
    metadata(inspection, all, out);
    tensors(inspection, all, out);
    out.flush();
  }

  private static void types(Inspection inspection, PrintStream out) {
    record Sum(long tensors, long values, long bytes) {
      Sum plus(TensorView view) {
        return new Sum(tensors + 1, values + view.shape().elements(), bytes + view.bytes());
      }
    }
    Map<String, Sum> sums = new TreeMap<>();
    for (InspectedTensor inspected : inspection.tensors()) {
      TensorView view = inspected.tensor().view();
      sums.merge(view.type().name(), new Sum(0, 0, 0).plus(view), (sum, one) -> sum.plus(view));
    }
    Table table = new Table(LEFT, RIGHT, RIGHT, RIGHT);
    table.row("type", "tensors", "values", "bytes");
    sums.forEach((type, sum) ->
        table.row(
            type,
            Long.toString(sum.tensors()),
            Numbers.exact(sum.values()),
            Numbers.bytes(sum.bytes())));
    table.lines(" ").forEach(out::println);
    out.println();
  }

  private static void metadata(Inspection inspection, boolean all, PrintStream out) {
    Map<String, MetadataValue> entries = inspection.checkpoint().metadata().entries();
    if (entries.isEmpty()) {
      return;
    }
    int shown = 0;
    Table table = new Table(LEFT, LEFT);
    for (Map.Entry<String, MetadataValue> entry : entries.entrySet()) {
      if (!all && shown == FEW) {
        break;
      }
      table.row(
          Printable.of(clipped(entry.getKey(), all)),
          Printable.of(clipped(text(entry.getValue()), all)));
      shown++;
    }
    table.lines(" ").forEach(out::println);
    if (shown < entries.size()) {
      out.println(" …%d more keys (--all)".formatted(entries.size() - shown));
    }
    out.println();
  }

  private static String clipped(String text, boolean all) {
    return all || text.length() <= LONGEST_VALUE
        ? text
        : text.substring(0, text.offsetByCodePoints(0, text.codePointCount(0, LONGEST_VALUE - 1)))
            + "…";
  }

  private static String text(MetadataValue value) {
    return switch (value) {
      case MetadataValue.Text(String text) -> text;
      case MetadataValue.Whole(var number) -> number.toString();
      case MetadataValue.Real(double number) -> Double.toString(number);
      case MetadataValue.Flag(boolean flag) -> Boolean.toString(flag);
      case MetadataValue.Sequence sequence ->
          "%s %s: %s%s"
              .formatted(
                  Numbers.exact(sequence.count()),
                  sequence.elementType(),
                  sequence.head().stream()
                      .map(InfoText::text)
                      .collect(Collectors.joining(", ", "[", "")),
                  sequence.count() > sequence.head().size() ? ", …]" : "]");
    };
  }

  private static void tensors(Inspection inspection, boolean all, PrintStream out) {
    List<InspectedTensor> tensors = inspection.tensors();
    if (tensors.isEmpty()) {
      out.println(" no tensors");
      return;
    }
    TensorTable table =
        new TensorTable(
            List.of(LEFT, LEFT, LEFT, LEFT, RIGHT, RIGHT),
            List.of("tensor", "role", "type", "shape", "offset", "bytes"),
            tensors.getFirst().findings());
    int shown = all ? tensors.size() : Math.min(FEW, tensors.size());
    for (InspectedTensor inspected : tensors.subList(0, shown)) {
      table.row(row(inspected), inspected.findings());
    }
    table.lines(" ").forEach(line -> out.println(Printable.of(line)));
    if (shown < tensors.size()) {
      out.println(" …%s (--all)".formatted(Numbers.of(tensors.size() - shown, "more tensor")));
    }
  }

  private static List<String> row(InspectedTensor inspected) {
    TensorView view = inspected.tensor().view();
    return List.of(
        view.name(),
        inspected.tensor().identity().role().label()
            + (inspected.tensor().guessed() ? " (guess)" : ""),
        view.type().name(),
        view.shape().toString(),
        Numbers.exact(view.offset()),
        Numbers.exact(view.bytes()));
  }
}
