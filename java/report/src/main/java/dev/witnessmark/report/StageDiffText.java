package dev.witnessmark.report;

import static dev.witnessmark.report.Table.Align.RIGHT;

import dev.witnessmark.capture.AprtHeader;
import dev.witnessmark.format.Printable;
import dev.witnessmark.parity.stage.StageFileDifference;
import dev.witnessmark.parity.stage.ValuePair;
import dev.witnessmark.report.Table.Align;
import java.io.PrintStream;
import java.util.List;

/** The screen of {@code wmark diff} on two stage files. */
public final class StageDiffText {

  private StageDiffText() {}

  /** Prints {@code result} to {@code out}. */
  public static void print(StageFileDifference result, PrintStream out) {
    out.println(
        Printable.of(
            "%s → %s   APRT stage tensor, %s, %s values"
                .formatted(
                    result.a(),
                    result.b(),
                    StageInfoText.layer(new AprtHeader(result.layer(), result.values())),
                    Numbers.exact(result.values()))));
    out.println();
    result.verdict().basis().forEach(sentence -> out.println(" " + sentence));
    if (result.values() > 0) {
      out.println();
      measures(result).lines(" ").forEach(out::println);
      pairs(result, out);
    }
    out.println();
    out.println(
        "%s (exit %d)   %s · %s · 1 thread"
            .formatted(
                result.verdict().label(),
                result.verdict().exit().code(),
                result.run().device(),
                result.run().kernels()));
    out.flush();
  }

  private static Table measures(StageFileDifference result) {
    return new Table(Align.LEFT, Align.LEFT)
        .row("max |Δ|", number(result.furthest()) + " at [" + result.furthestIndex() + "]")
        .row("RMS Δ", Float.isNaN(result.rms()) ? Numbers.UNDEFINED : number(result.rms()))
        .row("cosine", Numbers.cosine(result.cosine()));
  }

  private static void pairs(StageFileDifference result, PrintStream out) {
    List<ValuePair> differing = result.pairs().stream().filter(ValuePair::differs).toList();
    if (differing.isEmpty()) {
      return;
    }
    out.println();
    Table table = new Table(RIGHT, RIGHT, RIGHT, RIGHT);
    table.row("furthest apart", "A", "B", "|Δ|");
    for (ValuePair pair : differing) {
      table.row(
          "[" + pair.index() + "]", number(pair.a()), number(pair.b()), number(pair.distance()));
    }
    table.lines(" ").forEach(out::println);
    if (differing.size() < result.differing()) {
      out.println(
          " …%s (--top)"
              .formatted(Numbers.of(result.differing() - differing.size(), "more value")));
    }
  }

  /** As many digits as tell a float32 from its neighbours. */
  private static String number(float value) {
    return Float.isInfinite(value) ? Numbers.measure((double) value) : Float.toString(value);
  }
}
