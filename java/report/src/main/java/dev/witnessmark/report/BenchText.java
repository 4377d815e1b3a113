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
    out.println(
        " moved once, and its share of the device's copy; operations, and their share of the");
    out.println(" vendor's bfloat16 product. Compare two results with wmark guard.");
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
      facts.add("matrix product " + operationRate(device.matrixRate()));
      if (device.datasheetMatrixRate() != null) {
        facts.add("datasheet " + operationRate(device.datasheetMatrixRate()));
      }
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
    Table table = new Table(LEFT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, LEFT);
    table.row("kernel", "median", "spread", "GB/s", "of copy", "Gop/s", "of product", "");
    for (Cell cell : result.cells()) {
      Quartiles times = Quartiles.of(kept(cell));
      table.row(
          Printable.of(cell.key().label()),
          time(times.median()),
          Numbers.percent((times.upper() - times.lower()) / times.median()),
          cell.bytes() == null ? "" : Numbers.measure(cell.bytes() / times.median()),
          share(cell.bytes(), times.median(), result.device(cell).copyRate()),
          cell.operations() == null || cell.operations() == 0
              ? ""
              : operations(cell.operations() / times.median()),
          share(cell.operations(), times.median(), result.device(cell).matrixRate()),
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

  /** The share of a rate for each second, where all of that is known. */
  private static String share(
      @Nullable Long amount, double nanoseconds, @Nullable Double ratePerSecond) {
    return amount == null || ratePerSecond == null
        ? ""
        : Numbers.percent(amount / nanoseconds * 1e9 / ratePerSecond);
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

  /** For example {@code 312,400}: tensor cores do many. */
  private static String operations(double perNanosecond) {
    return perNanosecond < 1e5
        ? Numbers.measure(perNanosecond)
        : Numbers.exact(Math.round(perNanosecond));
  }

  private static String operationRate(double perSecond) {
    return String.format(Locale.ROOT, "%.1f Top/s", perSecond / 1e12);
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
