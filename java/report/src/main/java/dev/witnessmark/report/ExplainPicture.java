package dev.witnessmark.report;

import dev.witnessmark.explain.ExplainResult;
import dev.witnessmark.explain.LayerRow;
import dev.witnessmark.explain.SummaryRow;
import dev.witnessmark.explain.candidate.Axis;
import dev.witnessmark.explain.candidate.Candidate;
import dev.witnessmark.explain.candidate.Family;
import dev.witnessmark.format.Printable;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import javax.xml.stream.XMLStreamException;

/**
 * Pictures of {@code wmark explain} as SVG: the scatter of concentration on activations against
 * weights in two panels, writing and mixed candidates on the left, reading ones on the right, both
 * axes logarithmic with a shared vertical one; and the concentration on weights by layer. Where
 * there are no activations, the horizontal axis of the scatter is the mean cosine with the deltas.
 */
public final class ExplainPicture {

  private static final int PANEL = 420;
  private static final int HEIGHT = 360;
  private static final int LEFT = 64;
  private static final int TOP = 56;
  private static final int GAP = 40;
  private static final int BOTTOM = 52;
  private static final int LABELLED = 10;

  /** Told apart by people who see colours differently. */
  private static final List<String> COLOURS =
      List.of(
          "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#8c6d31", "#6b6ecf",
          "#637939", "#843c39", "#7b4173", "#3182bd", "#31a354", "#756bb1", "#636363", "#e6550d",
          "#000000");

  private final ExplainResult result;
  private final Svg svg;

  private ExplainPicture(ExplainResult result, Svg svg) {
    this.result = result;
    this.svg = svg;
  }

  /** Draws the scatter to {@code out}, which stays open. */
  public static void scatter(ExplainResult result, OutputStream out) {
    Svg.write(out, svg -> new ExplainPicture(result, svg).scatter());
  }

  /** Draws concentration by layer to {@code out}, which stays open. */
  public static void curve(ExplainResult result, OutputStream out) {
    Svg.write(out, svg -> new ExplainPicture(result, svg).curve());
  }

  /** A scale from numbers to places. */
  private record Scale(double low, double high, boolean logarithmic, double from, double to) {

    static Scale of(DoubleStream values, boolean logarithmic, double from, double to) {
      double[] known = values.filter(v -> Double.isFinite(v) && (!logarithmic || v > 0)).toArray();
      double low = DoubleStream.of(known).min().orElse(0.5);
      double high = DoubleStream.of(known).max().orElse(2);
      return logarithmic
          ? new Scale(Math.min(low, 0.9) / 1.15, Math.max(high, 1.1) * 1.15, true, from, to)
          : new Scale(Math.min(low, 0), high * 1.1 + 1e-9, false, from, to);
    }

    double at(double value) {
      double share =
          logarithmic ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
      return from + Math.clamp(share, 0, 1) * (to - from);
    }

    /** Round numbers within the scale. */
    List<Double> ticks() {
      List<Double> ticks = new ArrayList<>();
      if (logarithmic) {
        for (double decade = 1e-3; decade < 1e5; decade *= 10) {
          for (double step : new double[] {1, 2, 5}) {
            if (decade * step >= low && decade * step <= high) {
              ticks.add(decade * step);
            }
          }
        }
      } else {
        double step = Math.pow(10, Math.floor(Math.log10(high - low)));
        double fine = (high - low) / step < 3 ? step / 2 : step;
        for (double tick = Math.ceil(low / fine) * fine; tick <= high; tick += fine) {
          ticks.add(tick);
        }
      }
      return ticks;
    }
  }

  private void scatter() throws XMLStreamException {
    boolean activations = result.summary().stream().anyMatch(row -> !Double.isNaN(x(row, true)));
    int width = LEFT + 2 * PANEL + GAP + 24;
    svg.begin(width, TOP + HEIGHT + BOTTOM);
    svg.text(LEFT, 20, "start", "bold", title());
    Scale y =
        Scale.of(
            result.summary().stream().mapToDouble(row -> row.combined().concentration()),
            true,
            TOP + HEIGHT,
            TOP);
    for (int panel = 0; panel < 2; panel++) {
      boolean reading = panel == 1;
      double left = LEFT + panel * (PANEL + GAP);
      List<SummaryRow> rows =
          result.summary().stream()
              .filter(row -> row.candidate().isCeiling() || row.ranked())
              .filter(row ->
                  row.candidate().isCeiling() || (row.candidate().axis() == Axis.READ) == reading)
              .filter(row -> Double.isFinite(row.combined().concentration()))
              .filter(row -> Double.isFinite(x(row, activations)))
              .toList();
      Scale x =
          Scale.of(
              result.summary().stream().mapToDouble(row -> x(row, activations)),
              activations,
              left,
              left + PANEL);
      axes(x, y, left, panel == 0);
      svg.text(left, 42, "start", "normal", reading ? "reading" : "writing or mixed");
      svg.text(
          left + PANEL / 2.0,
          TOP + HEIGHT + 40,
          "middle",
          "normal",
          activations
              ? "concentration of activations, 1 is chance"
              : "mean cosine with the deltas (no activations)");
      svg.line(Svg.FAINT, "4 3", left, y.at(1), left + PANEL, y.at(1));
      if (activations) {
        svg.line(Svg.FAINT, "4 3", x.at(1), TOP, x.at(1), TOP + HEIGHT);
      }
      points(rows, x, y, activations);
    }
    svg.end();
  }

  private static double x(SummaryRow row, boolean activations) {
    return activations ? row.activation().concentration() : row.cosineWithDelta();
  }

  private void points(List<SummaryRow> rows, Scale x, Scale y, boolean activations)
      throws XMLStreamException {
    int labelled = 0;
    for (SummaryRow row :
        rows.stream()
            .sorted(
                Comparator.comparingDouble((SummaryRow each) -> -each.combined().concentration()))
            .toList()) {
      double at = x.at(x(row, activations));
      double up = y.at(row.combined().concentration());
      String about =
          "%s (%s): weights %s, activations %s"
              .formatted(
                  row.candidate().label(),
                  row.candidate().family().label(),
                  Numbers.measure(row.combined().concentration()),
                  Double.isNaN(row.activation().concentration())
                      ? Numbers.UNDEFINED
                      : Numbers.measure(row.activation().concentration()));
      if (row.candidate().isCeiling()) {
        svg.text(at, up + 5, "middle", "bold", "★");
      }
      svg.dot(at, up, row.candidate().isCeiling() ? 2 : 4, colour(row.candidate()), about);
      if (labelled++ < LABELLED) {
        boolean end = at > x.to() - 120;
        svg.text(
            at + (end ? -7 : 7), up - 4, end ? "end" : "start", "normal", row.candidate().label());
      }
    }
  }

  private void axes(Scale x, Scale y, double left, boolean first) throws XMLStreamException {
    svg.line(Svg.INK, "", left, TOP, left, TOP + HEIGHT, left + PANEL, TOP + HEIGHT);
    for (double tick : y.ticks()) {
      svg.line(Svg.INK, "", left - 4, y.at(tick), left, y.at(tick));
      if (first) {
        svg.text(left - 8, y.at(tick) + 4, "end", "normal", Numbers.plain(tick));
      }
    }
    for (double tick : x.ticks()) {
      svg.line(Svg.INK, "", x.at(tick), TOP + HEIGHT, x.at(tick), TOP + HEIGHT + 4);
      svg.text(x.at(tick), TOP + HEIGHT + 17, "middle", "normal", Numbers.plain(tick));
    }
  }

  private void curve() throws XMLStreamException {
    Map<Candidate, List<LayerRow>> byCandidate = new EnumMap<>(Candidate.class);
    result.rows().stream()
        .sorted(Comparator.comparingInt(LayerRow::layer))
        .forEach(row ->
            byCandidate.computeIfAbsent(row.candidate(), each -> new ArrayList<>()).add(row));
    List<Candidate> shown = new ArrayList<>();
    result.rankings().writeAndMixed().stream().limit(6).forEach(shown::add);
    result.rankings().read().stream().limit(2).forEach(shown::add);
    int wide = 2 * PANEL;
    svg.begin(LEFT + wide + 220, TOP + HEIGHT + BOTTOM);
    svg.text(LEFT, 20, "start", "bold", title());
    svg.text(LEFT, 42, "start", "normal", "concentration of weight deltas by layer, 1 is chance");
    Scale x =
        new Scale(-0.5, Math.max(1, result.layers()) - 0.5, false, LEFT, (double) LEFT + wide);
    Scale y =
        Scale.of(
            shown.stream()
                .flatMap(candidate -> byCandidate.getOrDefault(candidate, List.of()).stream())
                .mapToDouble(row -> row.combined().concentration()),
            true,
            TOP + HEIGHT,
            TOP);
    svg.line(Svg.INK, "", LEFT, TOP, LEFT, TOP + HEIGHT, LEFT + wide, TOP + HEIGHT);
    for (double tick : y.ticks()) {
      svg.line(Svg.INK, "", LEFT - 4, y.at(tick), LEFT, y.at(tick));
      svg.text(LEFT - 8, y.at(tick) + 4, "end", "normal", Numbers.plain(tick));
    }
    int step = Math.max(1, result.layers() / 16);
    for (int layer = 0; layer < result.layers(); layer += step) {
      svg.text(x.at(layer), TOP + HEIGHT + 17, "middle", "normal", Integer.toString(layer));
    }
    svg.text(LEFT + wide / 2.0, TOP + HEIGHT + 40, "middle", "normal", "layer");
    svg.line(Svg.FAINT, "4 3", LEFT, y.at(1), LEFT + wide, y.at(1));
    for (int i = 0; i < shown.size(); i++) {
      Candidate candidate = shown.get(i);
      String colour = COLOURS.get(i);
      List<LayerRow> rows =
          byCandidate.getOrDefault(candidate, List.of()).stream()
              .filter(row -> row.combined().concentration() > 0)
              .toList();
      double[] points = new double[2 * rows.size()];
      for (int p = 0; p < rows.size(); p++) {
        LayerRow row = rows.get(p);
        points[2 * p] = x.at(row.layer());
        points[2 * p + 1] = y.at(row.combined().concentration());
        svg.dot(
            points[2 * p],
            points[2 * p + 1],
            3,
            colour,
            "%s, layer %d: %s"
                .formatted(
                    candidate.label(),
                    row.layer(),
                    Numbers.measure(row.combined().concentration())));
      }
      if (rows.size() > 1) {
        svg.line(colour, "", points);
      }
      svg.dot(LEFT + wide + 20, TOP + 18.0 * i + 4, 4, colour, "");
      svg.text(LEFT + wide + 30, TOP + 18.0 * i + 8, "start", "normal", candidate.label());
    }
    svg.end();
  }

  private static String colour(Candidate candidate) {
    return COLOURS.get(List.of(Family.values()).indexOf(candidate.family()));
  }

  private String title() {
    return Printable.of(result.base() + " → " + result.tuned());
  }
}
