package dev.witnessmark.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.bench.BenchDevice;
import dev.witnessmark.bench.BenchResult;
import dev.witnessmark.bench.BenchRun;
import dev.witnessmark.bench.Cell;
import dev.witnessmark.bench.CellKey;
import dev.witnessmark.bench.DeviceIdentity;
import dev.witnessmark.bench.Fork;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BenchTextTest {

  private static final DeviceIdentity GPU = new DeviceIdentity("cuda", "NVIDIA H200", null);

  /** Some work of 1 µs. */
  private static Cell cell(String kernel, @Nullable Long bytes, @Nullable Long operations) {
    return new Cell(
        new CellKey(kernel, null, List.of(), null, GPU, null, null, null, null),
        "cuda:0",
        null,
        bytes,
        operations,
        1,
        null,
        List.of(),
        List.of(Fork.of(new double[] {1000, 1000, 1000, 1000})));
  }

  private static List<String> lines(@Nullable Double matrixRate) {
    BenchDevice device =
        new BenchDevice("cuda:0", GPU, null, 500, 4e12, matrixRate, 4.8e12, 989e12);
    List<Cell> cells = List.of(cell("both", 2_000_000L, 300_000_000L), cell("moved", 1000L, null));
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    BenchText.print(
        new BenchResult(List.of(device), cells, new BenchRun("wmark", List.of(), "Java")),
        new PrintStream(text, true, StandardCharsets.UTF_8));
    return text.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void sharesAreThoseOfCopyAndProduct() {
    assertThat(lines(750e12))
        .contains(
            "cuda:0   NVIDIA H200, copy 4000.0 GB/s, datasheet 4800.0 GB/s, matrix product 750.0"
                + " Top/s, datasheet 989.0 Top/s")
        .anyMatch(line -> line.matches(" both .* 2000 +50\\.0 % +300,000 +40\\.0 %"))
        .anyMatch(line -> line.matches(" moved .* 0\\.0 %"));
  }

  @Test
  void aProductThatWasNotMeasuredHasNoShares() {
    assertThat(lines(null))
        .contains("cuda:0   NVIDIA H200, copy 4000.0 GB/s, datasheet 4800.0 GB/s")
        .anyMatch(line -> line.matches(" both .* 50\\.0 % +\\S+"));
  }
}
