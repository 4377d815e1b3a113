package dev.witnessmark.benchmarks;

import dev.witnessmark.kernels.VectorWidth;
import dev.witnessmark.kernels.host.Processor;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Runs the benchmarks in several rounds, so that each of them and the stream read that it is
 * measured against see the machine at its best, and keeps the fastest shot: on a shared machine an
 * average measures the neighbours. Writes a file of results and prints what was reached.
 */
public final class RunBenchmarks {

  private static final int WARM_UP_SHOTS = 10;
  private static final int SHOTS = 15;

  private RunBenchmarks() {}

  /**
   * @param arguments the file to write, the number of rounds, and optionally a regular expression
   *     that selects benchmarks
   */
  public static void main(String[] arguments) throws RunnerException, IOException {
    Path file = Path.of(arguments[0]);
    int rounds = Integer.parseInt(arguments[1]);
    String selection = arguments.length > 2 ? arguments[2] : "Benchmark";
    Map<String, Measurement> best = new LinkedHashMap<>();
    ForkedSamples samples = new ForkedSamples(Processor.name());
    for (int round = 0; round < rounds; round++) {
      for (RunResult result : new Runner(options(selection)).run()) {
        samples.add(result);
        Measurement measurement = Measurement.of(result);
        best.merge(measurement.name(), measurement, Measurement::orBetter);
      }
    }
    write(file, best.values());
    samples.write(guardFile(file), List.of(arguments));
    print(best.values());
  }

  /** Beside the results: {@code name.bench.json} for {@code name.json}. */
  private static Path guardFile(Path file) {
    String name = String.valueOf(file.getFileName()).replaceFirst("\\.json$", "");
    return file.resolveSibling(name + ".bench.json");
  }

  private static Options options(String selection) {
    return new OptionsBuilder()
        .include("\\." + StreamRead.class.getSimpleName() + "\\.")
        .include(selection)
        .forks(1)
        .warmupIterations(WARM_UP_SHOTS)
        .measurementIterations(SHOTS)
        .verbosity(VerboseMode.SILENT)
        .build();
  }

  private static void write(Path file, Collection<Measurement> measurements) throws IOException {
    Measurement streamRead = Measurement.named(StreamRead.class.getSimpleName(), measurements);
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("schema", "witnessmark-benchmarks-v1");
    document.put("processor", Processor.name());
    document.put("processors", Runtime.getRuntime().availableProcessors());
    document.put("jvm", System.getProperty("java.vm.name") + " " + Runtime.version());
    document.put("vectors", VectorWidth.reason());
    document.put("threads", 1);
    List<Object> rows = new ArrayList<>();
    for (Measurement measurement : measurements) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("benchmark", measurement.name());
      row.put("bestNanosecondsPerElement", measurement.best());
      row.put("medianNanosecondsPerElement", measurement.median());
      row.put("gigaElementsPerSecond", measurement.gigaElements());
      row.put("gigabytesPerSecond", measurement.gigabytes());
      row.put("ofStreamRead", measurement.gigabytes() / streamRead.gigabytes());
      rows.add(row);
    }
    document.put("results", rows);
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    String json =
        JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build()
            .writeValueAsString(document);
    Files.writeString(file, json + "\n");
  }

  private static void print(Collection<Measurement> measurements) {
    Measurement streamRead = Measurement.named(StreamRead.class.getSimpleName(), measurements);
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    out.printf(
        Locale.ROOT,
        "%-30s %12s %8s %14s%n",
        "one thread",
        "G elements/s",
        "GB/s",
        "x stream read");
    for (Measurement measurement : measurements) {
      out.printf(
          Locale.ROOT,
          "%-30s %12.2f %8.1f %14.2f%n",
          measurement.name(),
          measurement.gigaElements(),
          measurement.gigabytes(),
          measurement.gigabytes() / streamRead.gigabytes());
    }
    out.println();
    for (Target target : Target.ALL) {
      measurements.stream()
          .filter(measurement -> measurement.name().equals(target.benchmark()))
          .forEach(measurement -> {
            double reached = target.reachedBy(measurement, streamRead);
            out.printf(
                Locale.ROOT,
                "%-30s %6.2f of %.2f %s: %s%n",
                target.benchmark(),
                reached,
                target.atLeast(),
                target.unit().label(),
                reached >= target.atLeast() ? "reached" : "MISSED");
          });
    }
  }
}
