package dev.witnessmark.report;

import static dev.witnessmark.report.Table.Align.LEFT;
import static dev.witnessmark.report.Table.Align.RIGHT;

import dev.witnessmark.falsify.Finding;
import dev.witnessmark.falsify.model.LayerDifference;
import dev.witnessmark.falsify.model.MatrixNoise;
import dev.witnessmark.falsify.model.ModelResult;
import dev.witnessmark.format.Printable;
import java.io.PrintStream;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * The screen of {@code wmark falsify --model}: whether rounding of activations explains how far the
 * paths are apart, matrix by matrix, and what becomes of it through the layers.
 */
public final class FalsifyModelText {

  private static final int FEW = 10;

  private final ModelResult result;
  private final PrintStream out;

  private FalsifyModelText(ModelResult result, PrintStream out) {
    this.result = result;
    this.out = out;
  }

  /**
   * Prints {@code result} to {@code out}.
   *
   * @param all every matrix in the order of use, instead of those with the largest z
   */
  public static void print(ModelResult result, boolean all, PrintStream out) {
    new FalsifyModelText(result, out).print(all);
    out.flush();
  }

  private void print(boolean all) {
    out.println(
        Printable.of(
            "%s   %s, %s, %s; paths f32 and q8 on %s"
                .formatted(
                    result.model(),
                    result.architecture(),
                    Numbers.of(result.layers().size(), "layer"),
                    Numbers.of(result.tokens().size(), "token"),
                    result.device())));
    out.println();
    for (String reason : result.verdict().basis()) {
      Paragraph.lines(" ", Printable.of(reason) + ".").forEach(out::println);
    }
    out.println();
    for (Finding finding : result.findings()) {
      FindingText.heading(finding, "").forEach(out::println);
      FindingText.details(finding).forEach(out::println);
      out.println();
    }
    matrices(all);
    layers();
    out.println("%s (exit %d)".formatted(result.verdict().label(), result.verdict().exit().code()));
  }

  private void matrices(boolean all) {
    List<MatrixNoise> shown =
        all
            ? result.matrices()
            : result.matrices().stream()
                .sorted(Comparator.comparingDouble(MatrixNoise::z).reversed())
                .limit(FEW)
                .toList();
    Table table = new Table(LEFT, LEFT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT);
    table.row(
        "matrix",
        "type",
        "relative",
        "RMS error",
        "σ",
        "z",
        "max z",
        "> 3σ",
        "broken z",
        "crushed");
    for (MatrixNoise matrix : shown) {
      table.row(
          Printable.of(matrix.name()),
          matrix.type().name(),
          percent(matrix.relative()),
          Numbers.measure(matrix.error()),
          Numbers.measure(matrix.sigma()),
          hundredths(matrix.z()),
          hundredths(matrix.largestZ()),
          percent((double) matrix.beyondThree() / matrix.results()),
          hundredths(matrix.brokenZ()) + (matrix.sees() ? "" : " !"),
          matrix.crushedRows() + "/" + matrix.rows());
    }
    table.lines(" ").forEach(out::println);
    if (shown.size() < result.matrices().size()) {
      out.println(" …%d more (--all)".formatted(result.matrices().size() - shown.size()));
    }
    if (result.others() > 0) {
      out.println(
          " %s of types without an integer product take path f32 on both sides."
              .formatted(result.others() == 1 ? "1 matrix" : result.others() + " matrices"));
    }
    out.println();
    out.println(
        " z: root mean square of difference/σ, 1 if rounding of activations is all there is;");
    out.println(
        " one normal draw in 370 is beyond 3σ. Broken z: the same for a kernel that skips 16");
    out.println(
        " activations of every block. Crushed: vectors with a value 8 times the next of a block.");
    out.println();
  }

  private void layers() {
    Table table = new Table(RIGHT, RIGHT, RIGHT, RIGHT, LEFT);
    table.row("after layer", "its own", "whole", "of layer 0", "");
    String bars = Sparkline.of(result.layers().stream().map(LayerDifference::whole).toList());
    for (LayerDifference layer : result.layers()) {
      table.row(
          Integer.toString(layer.layer()),
          percent(layer.own()),
          percent(layer.whole()),
          percent(layer.fromFirst()),
          bars.substring(layer.layer(), layer.layer() + 1));
    }
    table.lines(" ").forEach(out::println);
    out.println();
    out.println(
        " Length of the difference between the paths over that of the hidden state. Whole: all");
    out.println(
        " layers on q8. Its own: if what goes in is that of f32. Of layer 0: only that one on q8.");
    out.println(
        " Whole after the last layer is %s of √Σ own², which independent draws would give."
            .formatted(hundredths(result.overIndependent())));
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.2f %%", 100 * share);
  }

  private static String hundredths(double value) {
    return Double.isFinite(value)
        ? String.format(Locale.ROOT, "%.2f", value)
        : Numbers.measure(value);
  }
}
