package dev.witnessmark.cli;

import dev.witnessmark.compare.match.Operand;
import dev.witnessmark.explain.Bootstrap;
import dev.witnessmark.explain.ExplainOptions;
import dev.witnessmark.explain.ExplainResult;
import dev.witnessmark.explain.ExplainStudy;
import dev.witnessmark.explain.Explanation;
import dev.witnessmark.explain.Stability;
import dev.witnessmark.explain.score.Null;
import dev.witnessmark.explain.source.Captures;
import dev.witnessmark.format.InputFingerprint;
import dev.witnessmark.report.ExplainJson;
import dev.witnessmark.report.ExplainPicture;
import dev.witnessmark.report.ExplainTables;
import dev.witnessmark.report.ExplainText;
import dev.witnessmark.verdict.CouldNotCompare;
import dev.witnessmark.verdict.Progress;
import dev.witnessmark.verdict.RunRecord;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code wmark explain}. */
@Command(
    name = "explain",
    description = {
      "Which small subspaces of the hidden state, made from the base alone, explain what a fine-tune",
      "changed: candidates, exact nulls, ceilings, rankings.",
      "BASE and TUNED are checkpoints, or TUNED is BASE+ADAPTER, whose factors then are the delta."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  wmark explain base/ base/+my-lora/",
      "  wmark explain base/ tuned/ --layers 8..21 --scatter a.svg --curve b.svg",
      "  wmark explain base/ base/+lora/ --captures activations/ --tables out/ --json",
      "  wmark explain base/ base/+seed-1/ base/+seed-2/ base/+seed-3/",
      "",
      "Exit codes: 0 explained · 2 usage · 3 could not, or nothing to explain ·",
      "            4 the deltas are rounding for a tenth or more ·",
      "            5 internal error · 130 interrupted"
    })
final class ExplainCommand implements Callable<Integer> {

  private static final Pattern RANGE = Pattern.compile("(\\d{1,6})\\.\\.(\\d{1,6})");

  /**
   * Gram matrices between both passes get a half of the memory; slices and eigenproblems the rest.
   */
  private static final int PART_OF_GRAMS = 2;

  private static final int MOST_DRAWS = 1_000_000;

  @Spec
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  CommandSpec command;

  @Parameters(index = "0", paramLabel = "BASE", description = "The model before.")
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  String base;

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "TUNED",
      description = "The models after; with several, how stable the order is over them.")
  List<String> tuned = new ArrayList<>();

  @Option(
      names = "--captures",
      paramLabel = "DIR",
      description = "Activations: a folder with activations.safetensors and capture.json.")
  @Nullable Path captures;

  @Option(
      names = "--pcs",
      paramLabel = "K",
      defaultValue = "8",
      description = "Directions of every candidate, default ${DEFAULT-VALUE}.")
  int width;

  @Option(
      names = "--k-broad",
      paramLabel = "K",
      defaultValue = "64",
      description = "Directions of what is projected away, default ${DEFAULT-VALUE}.")
  int broad;

  @Option(
      names = "--layers",
      paramLabel = "A..B",
      description = "Layers that are averaged, from 0; default: those that changed.")
  @Nullable String layers;

  @Option(names = "--every-layer", description = "Rows for all layers, not only the averaged ones.")
  boolean everyLayer;

  @Option(
      names = "--null-draws",
      paramLabel = "N",
      description = "Nulls from so many random subspaces, as published (120); default: exact.")
  @Nullable Integer draws;

  @Option(
      names = "--bootstrap",
      paramLabel = "N",
      defaultValue = "2000",
      description = {
        "With activations: draw prompts so many times, to see how far scores and places depend on",
        "them; 0 for never. Default ${DEFAULT-VALUE}."
      })
  int bootstrap;

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      defaultValue = "0",
      description = "Seed of --null-draws and --bootstrap, default ${DEFAULT-VALUE}.")
  long seed;

  @Option(
      names = "--published-heads",
      description = "Rank candidates that repeat rows of keys and values in place, as published.")
  boolean publishedHeads;

  @Option(
      names = "--sink-token",
      paramLabel = "ID",
      description = "Token of the attention sink; default: the one that texts begin or end with.")
  @Nullable Integer sinkToken;

  @Option(
      names = "--quantised-delta",
      description = "Explain the difference of quantised weights all the same: mostly rounding.")
  boolean quantisedDelta;

  @Option(
      names = "--no-alignment",
      description = "Do not hold deltas against all singular vectors of their matrices.")
  boolean noAlignment;

  @Option(
      names = "--tables",
      paramLabel = "DIR",
      description = "Also write tables (CSV, TSV), definitions and the conclusion to this folder.")
  @Nullable Path tables;

  @Option(
      names = "--scatter",
      paramLabel = "FILE",
      description = "Also draw activations against weights as SVG.")
  @Nullable Path scatter;

  @Option(
      names = "--curve",
      paramLabel = "FILE",
      description = "Also draw concentration by layer as SVG.")
  @Nullable Path curve;

  @Option(names = "--all", description = "List every delta, candidate and reason.")
  boolean all;

  @Option(
      names = "--max-memory",
      paramLabel = "SIZE",
      converter = ByteSize.class,
      defaultValue = "2G",
      description = "Most memory for Gram matrices and slices, default ${DEFAULT-VALUE}.")
  long maxMemory;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  OutputOptions output;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  LimitOptions limit;

  @Override
  public Integer call() throws IOException {
    ExplainOptions options = options();
    if (tuned.size() > 1 && (tables != null || scatter != null || curve != null)) {
      throw usage("--tables, --scatter and --curve are of one TUNED");
    }
    output.check();
    for (OutputFile file : pictures()) {
      file.check();
    }
    if (tables != null && Files.exists(tables) && !Files.isDirectory(tables)) {
      throw new CouldNotCompare("--tables " + tables + ": is a file; name a folder");
    }
    List<ExplainResult> results = new ArrayList<>();
    Set<InputFingerprint> inputs = new LinkedHashSet<>();
    try (Operand before = Operand.open(base, limit.limits());
        TerminalProgress.Scope line = TerminalProgress.watched(output.quiet)) {
      spare(before);
      inputs.addAll(FingerprintOptions.inputs(FingerprintOptions.files(before)));
      for (String each : tuned) {
        try (Operand after = Operand.open(each, limit.limits())) {
          spare(after);
          results.add(explain(before, after, options, line.progress()));
          inputs.addAll(FingerprintOptions.inputs(FingerprintOptions.files(after)));
        }
      }
    }
    ExplainStudy study =
        new ExplainStudy(
            results,
            bootstraps(results),
            results.size() > 1 ? Optional.of(Stability.of(results)) : Optional.empty(),
            run(List.copyOf(inputs)));
    write(results.getFirst());
    output.write(out -> {
      if (output.json) {
        ExplainJson.write(study, out);
      } else {
        ExplainText.print(study, all, out);
      }
    });
    return output.exitCode(study.verdict().exit());
  }

  private List<Bootstrap> bootstraps(List<ExplainResult> results) {
    return bootstrap == 0
        ? List.of()
        : results.stream()
            .filter(result -> !result.label().isEmpty())
            .map(result -> Bootstrap.of(result, bootstrap, seed))
            .toList();
  }

  private ExplainResult explain(
      Operand before, Operand after, ExplainOptions options, Progress progress) throws IOException {
    if (captures == null) {
      return Explanation.of(before, after, Optional.empty(), options, progress);
    }
    try (Captures activations = Captures.open(captures, limit.limits())) {
      return Explanation.of(before, after, Optional.of(activations), options, progress);
    }
  }

  private void spare(Operand operand) throws IOException {
    List<Path> read = new ArrayList<>(FingerprintOptions.paths(FingerprintOptions.files(operand)));
    if (captures != null) {
      read.add(captures);
    }
    output.spare(read);
    for (OutputFile file : pictures()) {
      file.spare(read);
    }
  }

  private ExplainOptions options() {
    if (width < 1 || broad < width) {
      throw usage("--pcs is at least 1, --k-broad at least --pcs");
    }
    if (bootstrap < 0 || bootstrap > MOST_DRAWS) {
      throw usage("--bootstrap " + bootstrap + ": between 0 and " + MOST_DRAWS);
    }
    if (draws != null && draws < 2) {
      throw usage("--null-draws " + draws + ": at least 2");
    }
    return new ExplainOptions(
        width,
        broad,
        layers == null ? Optional.empty() : Optional.of(range(layers)),
        everyLayer,
        draws == null ? new Null.Mode.Exact() : new Null.Mode.Sampled(draws, seed),
        !publishedHeads,
        sinkToken == null ? OptionalInt.empty() : OptionalInt.of(sinkToken),
        quantisedDelta,
        !noAlignment,
        maxMemory / PART_OF_GRAMS);
  }

  private ExplainOptions.LayerRange range(String text) {
    Matcher range = RANGE.matcher(text);
    if (range.matches()) {
      int first = Integer.parseInt(range.group(1));
      int last = Integer.parseInt(range.group(2));
      if (first <= last) {
        return new ExplainOptions.LayerRange(first, last);
      }
    }
    throw usage("--layers " + text + ": write it as A..B, from 0, such as 8..21");
  }

  private ParameterException usage(String message) {
    return new ParameterException(command.commandLine(), message);
  }

  private List<OutputFile> pictures() {
    List<OutputFile> files = new ArrayList<>();
    if (scatter != null) {
      files.add(new OutputFile("--scatter", scatter));
    }
    if (curve != null) {
      files.add(new OutputFile("--curve", curve));
    }
    return files;
  }

  private void write(ExplainResult result) throws IOException {
    if (tables != null) {
      Files.createDirectories(tables);
      for (Map.Entry<String, Consumer<PrintStream>> file : ExplainTables.of(result).entrySet()) {
        new OutputFile("--tables", tables.resolve(file.getKey()))
            .write(out -> file.getValue().accept(out));
      }
    }
    if (scatter != null) {
      new OutputFile("--scatter", scatter).write(out -> ExplainPicture.scatter(result, out));
    }
    if (curve != null) {
      new OutputFile("--curve", curve).write(out -> ExplainPicture.curve(result, out));
    }
  }

  private RunRecord run(List<InputFingerprint> inputs) {
    return new RunRecord(
        Version.number(),
        command.commandLine().getParseResult().originalArgs(),
        "cpu",
        Explanation.implementation(),
        "products of float64 with equal bits on every implementation",
        1,
        maxMemory,
        Runtime.version().toString(),
        inputs);
  }
}
