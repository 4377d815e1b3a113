package dev.witnessmark.report;

import static dev.witnessmark.report.Table.Align.LEFT;
import static dev.witnessmark.report.Table.Align.RIGHT;

import dev.witnessmark.bench.BenchDevice;
import dev.witnessmark.bench.BenchResult;
import dev.witnessmark.bench.Cell;
import dev.witnessmark.bench.Fork;
import dev.witnessmark.bench.KernelCheck;
import dev.witnessmark.bench.guard.Quantiles;
import dev.witnessmark.format.Printable;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The screen of {@code wmark bench}: how long every kernel took, and how near that is to what the
 * memory allows.
 */
public final class BenchText {

  private final BenchResult result;
  private final PrintStream out;

  private BenchText(BenchResult result, PrintStream out) {
    this.result = result;
    this.out = out;
  }

  /** Prints {@code result} to {@code out}. */
  public static void print(BenchResult result, PrintStream out) {
    new BenchText(result, out).print();
    out.flush();
  }

  private void print() {
    result.devices().forEach(this::device);
    if (result.check() != null) {
      check(result.check());
    }
    out.println();
    table();
    out.println(
        " Median of the samples, half of which lie within the spread; rate of all operands");
    out.println(" moved once. Compare two results with wmark guard.");
  }

  private void device(BenchDevice device) {
    List<String> facts = new ArrayList<>();
    facts.add(device.identity().name());
    if (device.driver() != null) {
      facts.add("driver " + device.driver());
    }
    facts.add("copy " + rate(device.copyRate()));
    if (device.datasheetCopyRate() != null) {
      facts.add("datasheet " + rate(device.datasheetCopyRate()));
    }
    if (device.matrixRate() != null) {
      facts.add("matrix product " + Numbers.count(Math.round(device.matrixRate())) + "FLOP/s");
    }
    out.println(Printable.of(device.id() + "   " + String.join(", ", facts)));
  }

  private void check(KernelCheck check) {
    out.println(
        Printable.of(
            "%s in place of %s: %d of %d trials have the oracle's bits, %d are within the budget"
                .formatted(
                    check.kernel(),
                    check.of(),
                    check.equal(),
                    check.trials(),
                    check.withinBudget())));
    if (check.firstDifference() != null) {
      out.println(Printable.of("  first difference: " + check.firstDifference()));
    }
  }

  private void table() {
    Table table = new Table(LEFT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, LEFT);
    table.row("kernel", "median", "spread", "GB/s", "of copy", "Gop/s", "");
    for (Cell cell : result.cells()) {
      Quartiles times = Quartiles.of(kept(cell));
      table.row(
          Printable.of(cell.key().label()),
          time(times.median()),
          Numbers.percent((times.upper() - times.lower()) / times.median()),
          cell.bytes() == null ? "" : Numbers.measure(cell.bytes() / times.median()),
          share(cell, times.median()),
          cell.operations() == null || cell.operations() == 0
              ? ""
              : Numbers.measure(cell.operations() / times.median()),
          dropped(cell));
    }
    table.lines(" ").forEach(out::println);
    out.println();
    String overheads =
        result.cells().stream()
            .map(Cell::launchOverhead)
            .filter(overhead -> overhead != null)
            .distinct()
            .map(BenchText::time)
            .collect(Collectors.joining(", "));
    if (!overheads.isEmpty()) {
      out.println(" An empty launch takes " + overheads + "; times are with it.");
    }
  }

  private String share(Cell cell, double median) {
    Double copy = result.device(cell).copyRate();
    return cell.bytes() == null || copy == null
        ? ""
        : Numbers.percent(cell.bytes() / median * 1e9 / copy);
  }

  /** The samples that nothing held back; all of them if there are no others. */
  private static double[] kept(Cell cell) {
    Fork joined = Fork.joined(cell.forks());
    Fork kept = joined.unthrottled();
    return (kept == null ? joined : kept).nanoseconds();
  }

  private static String dropped(Cell cell) {
    int throttled = Fork.joined(cell.forks()).throttled().cardinality();
    return throttled == 0 ? "" : throttled + " throttled samples dropped";
  }

  private static String rate(@Nullable Double bytesPerSecond) {
    return bytesPerSecond == null
        ? "not measured"
        : String.format(Locale.ROOT, "%.1f GB/s", bytesPerSecond / 1e9);
  }

  private static String time(double nanoseconds) {
    if (nanoseconds < 1e3) {
      return Numbers.measure(nanoseconds) + " ns";
    }
    return nanoseconds < 1e6
        ? Numbers.measure(nanoseconds / 1e3) + " µs"
        : Numbers.measure(nanoseconds / 1e6) + " ms";
  }

  /** Lower quartile, median and upper quartile. */
  private record Quartiles(double lower, double median, double upper) {

    static Quartiles of(double[] values) {
      double[] sorted = values.clone();
      Arrays.sort(sorted);
      return new Quartiles(
          Quantiles.ofSorted(sorted, 0.25),
          Quantiles.ofSorted(sorted, 0.5),
          Quantiles.ofSorted(sorted, 0.75));
    }
  }
}
