package dev.witnessmark.report;

import dev.witnessmark.causal.diff.CausalResult;
import dev.witnessmark.causal.diff.HeadKey;
import dev.witnessmark.causal.diff.Shift;
import dev.witnessmark.fingerprint.Projection;
import dev.witnessmark.format.Printable;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.xml.stream.XMLStreamException;

/**
 * Share of shifted rows by block and projection as SVG, one panel for each diff. Scaffold blocks
 * have a mark. A head that is there and did not shift is pale, one that is not there has no square.
 *
 * <p>Written as XML: no fonts or graphics of the machine are needed.
 */
public final class HeadPicture {

  private static final int CELL = 18;
  private static final int WIDE = 44;
  private static final int LEFT = 64;
  private static final int TOP = 76;
  private static final int GAP = 48;
  private static final int BOTTOM = 76;

  /** Longest title that fits above a panel of usual width. */
  private static final int LONGEST_NAME = 40;

  private final Svg svg;

  private HeadPicture(Svg svg) {
    this.svg = svg;
  }

  /** Draws {@code diffs} to {@code out}, which stays open. */
  public static void write(List<CausalResult> diffs, OutputStream out) {
    Svg.write(out, svg -> new HeadPicture(svg).draw(diffs));
  }

  private void draw(List<CausalResult> diffs) throws XMLStreamException {
    int width = LEFT;
    int most = 1;
    List<Integer> begins = new ArrayList<>();
    for (CausalResult diff : diffs) {
      begins.add(width);
      width += Math.max(columns(diff).size() * WIDE, 5 * WIDE) + GAP + LEFT;
      most = Math.max(most, blocks(diff).size());
    }
    int height = TOP + most * CELL + BOTTOM;
    svg.begin(width, height);
    for (int i = 0; i < diffs.size(); i++) {
      panel(diffs.get(i), begins.get(i));
    }
    legend(height - BOTTOM + 28);
    svg.end();
  }

  private static List<Projection> columns(CausalResult diff) {
    return Stream.of(Projection.values())
        .filter(each -> diff.heads().keySet().stream().anyMatch(head -> head.projection() == each))
        .toList();
  }

  private static SortedSet<Long> blocks(CausalResult diff) {
    SortedSet<Long> blocks = new TreeSet<>();
    diff.heads().keySet().forEach(head -> blocks.add(head.block()));
    return blocks;
  }

  private void panel(CausalResult diff, int left) throws XMLStreamException {
    svg.text(left, 20, "start", "bold", shortened(diff.base()) + " → " + shortened(diff.tuned()));
    svg.text(
        left,
        38,
        "start",
        "normal",
        "share of rows beyond "
            + (diff.threshold().inUnitsOfNull()
                ? Numbers.plain(diff.threshold().value()) + " × unrelated rows"
                : diff.measure().unit() + " " + Numbers.plain(diff.threshold().value())));
    List<Projection> columns = columns(diff);
    for (int c = 0; c < columns.size(); c++) {
      svg.text(left + c * WIDE + WIDE / 2, TOP - 8, "middle", "normal", columns.get(c).label());
    }
    List<Long> scaffold = diff.scaffold().numbers();
    int row = 0;
    for (long block : blocks(diff)) {
      int top = TOP + row * CELL;
      boolean marked = scaffold.contains(block);
      svg.text(left - 6, top + 13, "end", marked ? "bold" : "normal", (marked ? "▸ " : "") + block);
      for (int c = 0; c < columns.size(); c++) {
        Shift shift = diff.head(new HeadKey(block, columns.get(c)));
        if (shift.rows() > 0) {
          cell(left + c * WIDE, top, block, columns.get(c), shift);
        }
      }
      row++;
    }
  }

  private void cell(int x, int y, long block, Projection projection, Shift shift)
      throws XMLStreamException {
    String about =
        "block %d %s: %d of %d rows, mean distance %s, unrelated rows %s"
            .formatted(
                block,
                projection.label(),
                shift.shifted(),
                shift.rows(),
                Numbers.measure(shift.mean()),
                Double.isNaN(shift.meanOfNull())
                    ? Numbers.UNDEFINED
                    : Numbers.measure(shift.meanOfNull()));
    svg.rectangle(x + 1, y + 1, WIDE - 2, CELL - 2, colour(shift.ratio()), about);
    if (shift.shifted() > 0) {
      svg.text(
          x + WIDE / 2,
          y + 13,
          "middle",
          "normal",
          Numbers.plain(Math.max(Math.rint(shift.ratio() * 1000) / 10, 0.1)));
    }
  }

  private void legend(int y) throws XMLStreamException {
    int x = LEFT;
    for (double share : new double[] {0, 0.1, 0.3, 0.6, 1}) {
      svg.rectangle(x, y, CELL, CELL - 4, colour(share), "");
      svg.text(x + CELL + 4, y + 11, "start", "normal", Numbers.plain(100 * share) + " %");
      x += 62;
    }
    svg.text(LEFT, y + 32, "start", "normal", "▸ scaffold: Q and O shifted, K did not");
  }

  /** From a pale grey over orange to a dark red: lightness falls all the way. */
  private static String colour(double share) {
    if (share == 0) {
      return "#edf0f2";
    }
    double t = Math.clamp(share, 0, 1);
    return String.format(
        Locale.ROOT,
        "#%02x%02x%02x",
        (int) Math.round(254 - 84 * t),
        (int) Math.round(226 - 186 * t),
        (int) Math.round(190 - 150 * t));
  }

  private static String shortened(String name) {
    String end = Printable.of(name);
    return end.length() <= LONGEST_NAME ? end : "…" + end.substring(end.length() - LONGEST_NAME);
  }
}
