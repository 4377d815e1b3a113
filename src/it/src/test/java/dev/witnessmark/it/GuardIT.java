package dev.witnessmark.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.witnessmark.bench.BenchDevice;
import dev.witnessmark.bench.BenchResult;
import dev.witnessmark.bench.BenchResultWriter;
import dev.witnessmark.bench.BenchRun;
import dev.witnessmark.bench.Cell;
import dev.witnessmark.bench.CellKey;
import dev.witnessmark.bench.DeviceIdentity;
import dev.witnessmark.bench.Fork;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Document;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code wmark guard}: every form says the same, and what cannot be told is never a pass. */
@Isolated("Two commands that take turns are compared by their times.")
class GuardIT {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir
  @SuppressWarnings("NullAway.Init") // Set by JUnit.
  static Path folder;

  private final Program wmark = Program.packaged().brief().in(folder);

  @BeforeAll
  static void write() throws IOException {
    write("before", "NVIDIA H200", cell("matvec", 1, 1.0, 0), cell("softmax", 2, 1.0, 0));
    write("same", "NVIDIA H200", cell("matvec", 3, 1.0, 0), cell("softmax", 4, 1.0, 0));
    write("slower", "NVIDIA H200", cell("matvec", 5, 1.03, 0), cell("softmax", 6, 1.0, 0));
    write("faster", "NVIDIA H200", cell("matvec", 7, 0.9, 0), cell("softmax", 8, 1.0, 0));
    write("throttled", "NVIDIA H200", cell("matvec", 9, 1.0, 6), cell("softmax", 10, 1.0, 0));
    write("less", "NVIDIA H200", cell("matvec", 11, 1.0, 0));
    write("a100", "NVIDIA A100", cell("matvec", 12, 1.0, 0), cell("softmax", 13, 1.0, 0));
    Files.writeString(folder.resolve("bad.json"), "{\"schema\":\"wmark-bench-v1\",\"cells\":7}");
    Files.writeString(folder.resolve("later.json"), "{\"schema\":\"wmark-bench-v2\"}");
  }

  /** A kernel's samples, without its device. */
  private record Measured(String kernel, Fork fork) {}

  private static Measured cell(String kernel, long seed, double factor, int throttled) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] times =
        random
            .doubles(30)
            .map(_ -> 10_000 * factor * (1 + 0.005 * random.nextGaussian()))
            .toArray();
    double[] clocks = random.doubles(30).map(_ -> 1980).toArray();
    BitSet held = new BitSet();
    held.set(0, throttled);
    return new Measured(kernel, Fork.of(times, clocks, held));
  }

  private static void write(String name, String device, Measured... cells) throws IOException {
    DeviceIdentity identity = new DeviceIdentity("cuda", device, null);
    BenchResult result =
        new BenchResult(
            List.of(new BenchDevice("cuda:0", identity, null, 1, 4e12, null, null, null)),
            Stream.of(cells)
                .map(cell ->
                    new Cell(
                        new CellKey(
                            cell.kernel(),
                            "q4_k",
                            List.of(4096L),
                            1L,
                            identity,
                            null,
                            "q8",
                            null,
                            "cold"),
                        "cuda:0",
                        null,
                        33_030_144L,
                        null,
                        1,
                        null,
                        List.of(),
                        List.of(cell.fork())))
                .toList(),
            new BenchRun("test", List.of(), "none"));
    try (OutputStream out = Files.newOutputStream(folder.resolve(name + ".json"))) {
      BenchResultWriter.write(result, out);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "same,      same,              0, same same",
    "faster,    faster,            0, faster same",
    "slower,    slower,            1, slower same",
    "throttled, unclear,           4, unclear same",
    "less,      could-not-compare, 3, same not-compared",
    "a100,      could-not-compare, 3, not-compared not-compared",
  })
  void everyFormSaysTheSame(String after, String verdict, int exit, String outcomes)
      throws Exception {
    String[] files = {"guard", "before.json", after + ".json"};

    Ended text = wmark.run(files[0], files[1], files[2]);
    Ended json =
        wmark.run(files[0], files[1], files[2], "--json", "--junit", "j.xml", "--sarif", "s.sarif");

    assertThat(List.of(text.exit(), json.exit())).containsOnly(exit);
    assertThat(text.out()).endsWith("%s (exit %d)%n".formatted(verdict, exit));
    assertThat(text.complaints() + json.complaints()).isEmpty();
    JsonNode document = json.json();
    assertThat(Schemas.GUARD.violations(document)).isEmpty();
    assertThat(document.get("verdict").asString()).isEqualTo(verdict);
    assertThat(document.get("exitCode").asInt()).isEqualTo(exit);
    List<String> expected = List.of(outcomes.split(" ", -1));
    assertThat(document.get("cells").valueStream().map(c -> c.get("outcome").asString()))
        .containsExactlyElementsOf(expected);
    JsonNode sarif = JSON.readTree(folder.resolve("s.sarif"));
    assertThat(sarif.at("/runs/0/results").valueStream().map(r -> r.get("ruleId").asString()))
        .containsExactlyElementsOf(expected);
    assertThat(sarif.at("/runs/0/invocations/0/exitCode").asInt()).isEqualTo(exit);
    Document junit =
        DocumentBuilderFactory.newDefaultInstance()
            .newDocumentBuilder()
            .parse(folder.resolve("j.xml").toFile());
    assertThat(junit.getElementsByTagName("failure").getLength())
        .isEqualTo((int) expected.stream().filter("slower"::equals).count());
    assertThat(junit.getElementsByTagName("error").getLength())
        .isEqualTo(
            (int) expected.stream().filter(List.of("unclear", "not-compared")::contains).count());
  }

  @Test
  void theSameFilesGiveTheSameBytes() throws Exception {
    String[] command = {"guard", "before.json", "slower.json", "--json"};

    assertThat(wmark.run(command).out()).isEqualTo(wmark.run(command).out());
  }

  @Test
  void exitZeroForgivesOnlyALoss() throws Exception {
    assertThat(wmark.run("guard", "before.json", "slower.json", "--exit-zero").exit()).isZero();
    assertThat(wmark.run("guard", "before.json", "throttled.json", "--exit-zero").exit())
        .isEqualTo(4);
    assertThat(wmark.run("guard", "before.json", "less.json", "--exit-zero").exit()).isEqualTo(3);
    assertThat(wmark.run("guard", "before.json", "less.json", "--common").exit()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"bad, /cells", "later, wmark-bench-v1", "missing, there is no such file"})
  void badFilesAreRefused(String name, String says) throws Exception {
    Ended ended = wmark.run("guard", "before.json", name + ".json", "--json");

    assertThat(ended.exit()).isEqualTo(3);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.complaints()).contains(name + ".json", says);
  }

  @Test
  void inputsAreNotOverwritten() throws Exception {
    String before = Files.readString(folder.resolve("before.json"));
    for (String option : List.of("--junit", "--sarif", "--out")) {
      Ended ended = wmark.run("guard", "before.json", "same.json", option, "before.json");
      assertThat(ended.exit()).isEqualTo(3);
      assertThat(ended.complaints()).contains(option);
    }
    assertThat(folder.resolve("before.json")).hasContent(before);
  }

  @Test
  void commandsThatPrintResultsAreCompared() throws Exception {
    Ended ended =
        wmark.run("guard", "--ab", "cat before.json", "cat slower.json", "--rounds", "3", "--json");

    assertThat(ended.exit()).isEqualTo(1);
    assertThat(ended.complaints()).isEmpty();
    JsonNode document = ended.json();
    assertThat(Schemas.GUARD.violations(document)).isEmpty();
    assertThat(document.at("/interleaved/rounds").asInt()).isEqualTo(3);
    assertThat(document.at("/interleaved/again").asBoolean()).isTrue();
    assertThat(document.at("/cells/0/statistics/again/ratio").isNumber()).isTrue();
    assertThat(document.at("/cells/0/statistics/before/forks").asInt()).isEqualTo(6);
  }

  @Test
  void wallTimesOfOtherCommandsAreCompared() throws Exception {
    Ended slower =
        wmark.run("guard", "--ab", "sleep 0.05", "sleep 0.25", "--rounds", "3", "--json");

    assertThat(slower.json().at("/cells/0/kernel").asString()).isEqualTo("wall time");
    assertThat(slower.json().at("/cells/0/statistics/time/ratio").asDouble()).isGreaterThan(1.5);
    assertThat(slower.exit()).isIn(1, 4);
  }

  @Test
  void aCommandThatFailsIsNoAnswer() throws Exception {
    Ended ended = wmark.run("guard", "--ab", "true", "echo no such kernel >&2; exit 9");

    assertThat(ended.exit()).isEqualTo(3);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.complaints()).contains("exit code 9", "no such kernel");
  }

  @Test
  void anInterruptedMeasurementStopsItsCommand() throws Exception {
    assumeTrue(
        InterruptionIT.deliversInterrupts(),
        "this test was started with SIGINT ignored (a background job), and so would be the program");
    Path pid = folder.resolve("pid");
    Running running = wmark.start("guard", "--ab", "echo $$ > pid; exec sleep 600", "true");
    while (running.process().isAlive() && (!Files.exists(pid) || Files.size(pid) == 0)) {
      running.process().waitFor(5, TimeUnit.MILLISECONDS);
    }
    running.signal("INT");
    Ended ended = running.await();

    assertThat(ended.exit()).isEqualTo(130);
    assertThat(ended.out() + ended.complaints()).isEmpty();
    assertThat(ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))).isNotPresent();
  }
}
