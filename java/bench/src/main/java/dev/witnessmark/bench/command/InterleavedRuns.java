package dev.witnessmark.bench.command;

import dev.witnessmark.bench.BenchDevice;
import dev.witnessmark.bench.BenchResult;
import dev.witnessmark.bench.BenchResultReader;
import dev.witnessmark.bench.BenchRun;
import dev.witnessmark.bench.Cell;
import dev.witnessmark.bench.CellKey;
import dev.witnessmark.bench.DeviceIdentity;
import dev.witnessmark.bench.Fork;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.verdict.CouldNotCompare;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;

/**
 * Two commands measured in rounds of A B B A, so that what drifts with time meets both alike. A
 * command that prints a document {@code wmark-bench-v1} is measured by it; of any other, the wall
 * time of a run is the one sample. Every run is a fork.
 */
public final class InterleavedRuns implements AutoCloseable {

  /** Runs of an empty command, to tell what starting one takes and how evenly. */
  private static final int EMPTY_RUNS = 11;

  private static final int DOCUMENT_HEAD = 4096;
  private static final String WALL_TIME = "wall time";

  private final String a;
  private final String b;
  private final Limits limits;
  private final RunListener listener;
  private final ShellRuns shell;
  private final boolean documents;
  private final EmptyCommand empty;

  /**
   * Runs both commands once, uncounted: caches fill, and what they print says how to measure them.
   *
   * @throws CouldNotCompare if one fails, or only one prints a benchmark document
   */
  public InterleavedRuns(String a, String b, Limits limits, RunListener listener)
      throws IOException {
    this.a = a;
    this.b = b;
    this.limits = limits;
    this.listener = listener;
    shell = new ShellRuns();
    try {
      listener.begin("warm-up", 2);
      documents = printsDocument(a);
      if (documents != printsDocument(b)) {
        throw new CouldNotCompare(
            "only %s prints a %s document; wall time and benchmark results are never compared"
                .formatted(documents ? "A" : "B", BenchResult.SCHEMA));
      }
      empty = documents ? new EmptyCommand(0, 0) : emptyCommand();
    } catch (IOException failure) {
      shell.close();
      throw failure;
    }
  }

  /**
   * Both sides, measured alike.
   *
   * @param a runs of A
   * @param b runs of B
   */
  public record Pair(BenchResult a, BenchResult b) {}

  /** Measures {@code rounds} rounds of A B B A: twice as many forks a side. */
  public Pair measure(String task, int rounds) throws IOException {
    listener.begin(task, 4 * rounds);
    RunSamples ofA = new RunSamples(a);
    RunSamples ofB = new RunSamples(b);
    for (int round = 0; round < rounds; round++) {
      ofA.add(run(a));
      ofB.add(run(b));
      ofB.add(run(b));
      ofA.add(run(a));
    }
    return new Pair(ofA.result(), ofB.result());
  }

  private BenchResult run(String command) throws IOException {
    double took = shell.run(command);
    listener.ended();
    if (!documents) {
      return wallTime(took);
    }
    try {
      return BenchResultReader.read(shell.output(), limits);
    } catch (Refusal refusal) {
      throw new CouldNotCompare(
          "%s: its output was refused. %s: %s"
              .formatted(command, refusal.subject(), refusal.detail()));
    }
  }

  private boolean printsDocument(String command) throws IOException {
    shell.run(command);
    listener.ended();
    try (InputStream in = Files.newInputStream(shell.output())) {
      String head = new String(in.readNBytes(DOCUMENT_HEAD), StandardCharsets.UTF_8).strip();
      return head.startsWith("{") && head.contains("\"wmark-bench-");
    }
  }

  private BenchResult wallTime(double nanoseconds) {
    DeviceIdentity machine =
        new DeviceIdentity(
            "cpu",
            "%s, %d processors"
                .formatted(
                    System.getProperty("os.arch"), Runtime.getRuntime().availableProcessors()),
            null);
    return new BenchResult(
        List.of(new BenchDevice("cpu", machine, null, empty.spread(), null, null, null, null)),
        List.of(
            new Cell(
                new CellKey(WALL_TIME, null, List.of(), null, machine, null, null, null, null),
                "cpu",
                null,
                null,
                null,
                1,
                empty.median(),
                List.of(),
                List.of(Fork.of(nanoseconds)))),
        new BenchRun("sh -c", List.of(), System.getProperty("os.name")));
  }

  /**
   * What starting a command and noticing its end takes.
   *
   * @param median in nanoseconds
   * @param spread distance of the quartiles: what the clock on the wall cannot tell apart
   */
  private record EmptyCommand(double median, double spread) {}

  private EmptyCommand emptyCommand() throws IOException {
    double[] times = new double[EMPTY_RUNS];
    for (int i = 0; i < times.length; i++) {
      times[i] = shell.run(":");
    }
    Arrays.sort(times);
    return new EmptyCommand(
        times[EMPTY_RUNS / 2], times[3 * EMPTY_RUNS / 4] - times[EMPTY_RUNS / 4]);
  }

  @Override
  public void close() throws IOException {
    shell.close();
  }
}
