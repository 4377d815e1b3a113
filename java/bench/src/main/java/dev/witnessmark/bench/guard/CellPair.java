package dev.witnessmark.bench.guard;

import dev.witnessmark.bench.BenchDevice;
import dev.witnessmark.bench.Cell;
import dev.witnessmark.bench.CellKey;
import dev.witnessmark.bench.Fork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * One cell measured twice, with its throttled samples set aside.
 *
 * @param before the old side
 * @param after the new side
 */
record CellPair(CellSide before, CellSide after) {

  CellKey key() {
    return before.cell.key();
  }

  /** Where one side has several forks, forks are the units of both. */
  boolean forksAreUnits() {
    return before.usable.size() > 1 || after.usable.size() > 1;
  }

  /** One side of it. */
  static final class CellSide {
    private final Cell cell;
    private final BenchDevice device;
    private final List<Fork> usable;

    CellSide(Cell cell, BenchDevice device) {
      this.cell = cell;
      this.device = device;
      usable = cell.forks().stream().map(Fork::unthrottled).filter(Objects::nonNull).toList();
    }

    Cell cell() {
      return cell;
    }

    BenchDevice device() {
      return device;
    }

    /** Whether any sample is left. */
    boolean hasSamples() {
      return !usable.isEmpty();
    }

    /** Number of samples, throttled ones among them. */
    int taken() {
      return cell.forks().stream().mapToInt(Fork::size).sum();
    }

    int throttled() {
      return cell.forks().stream().mapToInt(fork -> fork.throttled().cardinality()).sum();
    }

    /** Times of launches in nanoseconds. */
    Sample times(boolean forksAreUnits) {
      return new Sample(usable.stream().map(Fork::nanoseconds).toList(), forksAreUnits);
    }

    /** Times in clock cycles, or null if a clock is not known. */
    @Nullable Sample cycles(boolean forksAreUnits) {
      List<double[]> cycles = new ArrayList<>();
      for (Fork fork : usable) {
        double[] megahertz = fork.megahertz();
        if (megahertz == null) {
          return null;
        }
        double[] product = new double[fork.size()];
        Arrays.setAll(product, i -> fork.nanoseconds()[i] * megahertz[i] / 1000);
        cycles.add(product);
      }
      return new Sample(cycles, forksAreUnits);
    }

    SideSummary summary(boolean forksAreUnits) {
      double[] all =
          usable.stream().flatMapToDouble(fork -> DoubleStream.of(fork.nanoseconds())).toArray();
      Arrays.sort(all);
      double median = times(forksAreUnits).median();
      return new SideSummary(
          median,
          (Quantiles.ofSorted(all, 0.75) - Quantiles.ofSorted(all, 0.25)) / median,
          usable.size(),
          all.length,
          throttled(),
          clock(forksAreUnits),
          cell.variant(),
          share(cell.bytes(), device.copyRate(), median),
          share(cell.operations(), device.matrixRate(), median));
    }

    private @Nullable Double clock(boolean forksAreUnits) {
      List<double[]> clocks = new ArrayList<>();
      for (Fork fork : usable) {
        double[] megahertz = fork.megahertz();
        if (megahertz == null) {
          return null;
        }
        clocks.add(megahertz);
      }
      return new Sample(clocks, forksAreUnits).median();
    }

    private static @Nullable Double share(
        @Nullable Long perLaunch, @Nullable Double perSecond, double nanoseconds) {
      return perLaunch == null || perSecond == null
          ? null
          : perLaunch / (nanoseconds * 1e-9) / perSecond;
    }
  }
}
