package dev.witnessmark.bench.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.witnessmark.bench.BenchResult;
import dev.witnessmark.bench.BenchResultWriter;
import dev.witnessmark.bench.Cell;
import dev.witnessmark.bench.CellKey;
import dev.witnessmark.bench.Fork;
import dev.witnessmark.bench.Results;
import dev.witnessmark.format.Limits;
import dev.witnessmark.verdict.CouldNotCompare;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InterleavedRunsTest {

  private static final RunListener NOBODY =
      new RunListener() {
        @Override
        public void begin(String task, int runs) {}

        @Override
        public void ended() {}
      };

  @TempDir
  @SuppressWarnings("NullAway.Init") // Set by JUnit.
  Path folder;

  private InterleavedRuns runs(String a, String b) throws IOException {
    return new InterleavedRuns(a, b, Limits.DEFAULT, NOBODY);
  }

  private String document(String name, Cell... cells) throws IOException {
    Path file = folder.resolve(name);
    try (OutputStream out = Files.newOutputStream(file)) {
      BenchResultWriter.write(Results.result(cells), out);
    }
    return "cat " + file;
  }

  @Test
  void runsTakeTurnsAfterAWarmUp() throws IOException {
    Path order = folder.resolve("order");
    List<String> told = new ArrayList<>();
    RunListener listener =
        new RunListener() {
          @Override
          public void begin(String task, int runs) {
            told.add(task + " " + runs);
          }

          @Override
          public void ended() {
            told.add("ended");
          }
        };

    try (InterleavedRuns runs =
        new InterleavedRuns(
            "printf A >> " + order, "printf B >> " + order, Limits.DEFAULT, listener)) {
      InterleavedRuns.Pair pair = runs.measure("measuring", 3);

      assertThat(order).hasContent("AB" + "ABBA".repeat(3));
      assertThat(told).startsWith("warm-up 2", "ended", "ended", "measuring 12").hasSize(16);
      assertThat(pair.a().cells()).hasSize(1);
      assertThat(pair.a().cells().getFirst().forks()).hasSize(6).allMatch(fork -> fork.size() == 1);
      assertThat(pair.a().cells().getFirst().key()).isEqualTo(pair.b().cells().getFirst().key());
      assertThat(pair.a().cells().getFirst().launchOverhead()).isPositive();
    }
  }

  @Test
  void wallTimeIsThatOfTheCommand() throws IOException {
    try (InterleavedRuns runs = runs("sleep 0.02", "sleep 0.3")) {
      InterleavedRuns.Pair pair = runs.measure("measuring", 1);

      assertThat(times(pair.a())).allMatch(time -> time >= 20e6);
      assertThat(times(pair.b())).allMatch(time -> time >= 300e6);
    }
  }

  private static List<Double> times(BenchResult result) {
    return result.cells().getFirst().forks().stream().map(fork -> fork.nanoseconds()[0]).toList();
  }

  @Test
  void aRunIsAForkWhateverItPrints() throws IOException {
    CellKey key = Results.key("matvec");
    String two = document("two.json", Results.cell(key, Fork.of(1, 2), Fork.of(3)), other());

    try (InterleavedRuns runs = runs(two, two)) {
      InterleavedRuns.Pair pair = runs.measure("measuring", 2);

      assertThat(pair.a().cells()).hasSize(2);
      assertThat(pair.a().cells().getFirst().key()).isEqualTo(key);
      assertThat(pair.a().cells().getFirst().forks())
          .hasSize(4)
          .allSatisfy(fork -> assertThat(fork.nanoseconds()).containsExactly(1, 2, 3));
      assertThat(pair.a().devices()).hasSize(1);
    }
  }

  private static Cell other() {
    return Results.cell(Results.key("other"), Fork.of(1));
  }

  @Test
  void aFailureNamesTheCommandAndWhatItWrote() {
    assertThatThrownBy(() -> runs("true", "echo one; echo two >&2; echo three >&2; exit 7"))
        .isInstanceOf(CouldNotCompare.class)
        .hasMessageContaining("exit 7")
        .hasMessageContaining("exit code 7")
        .hasMessageEndingWith("two | three");
  }

  @Test
  void documentsAndWallTimesAreNeverCompared() throws IOException {
    String documents = document("a.json", other());

    assertThatThrownBy(() -> runs(documents, "true"))
        .isInstanceOf(CouldNotCompare.class)
        .hasMessageStartingWith("only A prints");
  }

  @Test
  void aDamagedDocumentIsRefused() throws IOException {
    String damaged = "printf '{\"schema\":\"wmark-bench-v1\"}'";
    try (InterleavedRuns runs = runs(damaged, damaged)) {
      assertThatThrownBy(() -> runs.measure("measuring", 1))
          .isInstanceOf(CouldNotCompare.class)
          .hasMessageContaining("devices, cells, check, runRecord");
    }
  }

  @Test
  void everyRunMustMeasureTheSame() throws IOException {
    String both = document("both.json", other(), Results.cell(Results.key("matvec"), Fork.of(1)));
    String one = document("one.json", other());
    String steady = document("steady.json", other());
    // The first run prints two cells, as the warm-up did; later ones print one.
    Path count = folder.resolve("count");
    String changing =
        "printf x >> %s; if [ $(wc -c < %s) -le 2 ]; then %s; else %s; fi"
            .formatted(count, count, both, one);
    try (InterleavedRuns runs = runs(changing, steady)) {
      assertThatThrownBy(() -> runs.measure("measuring", 2))
          .isInstanceOf(CouldNotCompare.class)
          .hasMessageContaining("run 2")
          .hasMessageContaining("matvec");
    }
  }

  @Test
  void aCommandStoppedByTheUserStopsAll() throws IOException {
    assertThatThrownBy(() -> runs("true", "exit 130")).isInstanceOf(Interrupted.class);
  }
}
