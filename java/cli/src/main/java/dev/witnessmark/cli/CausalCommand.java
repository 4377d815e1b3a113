package dev.witnessmark.cli;

import dev.witnessmark.causal.CausalStudy;
import dev.witnessmark.causal.diff.CausalDiff;
import dev.witnessmark.causal.diff.CausalOptions;
import dev.witnessmark.causal.diff.CausalResult;
import dev.witnessmark.causal.diff.EdgeSink;
import dev.witnessmark.causal.diff.FingerprintPairs;
import dev.witnessmark.causal.diff.Measure;
import dev.witnessmark.causal.diff.PairedModels;
import dev.witnessmark.causal.diff.RevisedTruths;
import dev.witnessmark.causal.quality.Beliefs;
import dev.witnessmark.causal.quality.QualityMap;
import dev.witnessmark.causal.quality.VolatilityMap;
import dev.witnessmark.causal.trace.RowTrace;
import dev.witnessmark.causal.trace.RowTracer;
import dev.witnessmark.report.CausalJson;
import dev.witnessmark.report.CausalMarkdown;
import dev.witnessmark.report.CausalText;
import dev.witnessmark.report.EdgeTable;
import dev.witnessmark.report.HeadPicture;
import dev.witnessmark.report.HeadTable;
import dev.witnessmark.verdict.Progress;
import dev.witnessmark.verdict.RunRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code wmark causal}. */
@Command(
    name = "causal",
    description = {
      "What a fine-tune rewired: which rows shifted, by block and projection, held against the",
      "distance of unrelated rows; blocks whose Q and O changed while K stayed (the scaffold).",
      "BASE and TUNED are indexes (files, folders or patterns of .bgz7) or checkpoints."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  wmark causal base/ tuned/ --measure relative",
      "  wmark causal base.bgz7 tuned.bgz7 --null-threshold 0.1",
      "  wmark causal 'base*.bgz7' 'v1*.bgz7' 'v2*.bgz7' --threshold 1 --between",
      "  wmark causal base/ tuned/ --edges edges.parquet --picture heads.svg",
      "  wmark causal base/ v1/ v2/ --between --pair small/ small-1/ --palette a.pal8",
      "",
      "Exit codes: 0 same, or no row beyond a threshold in reach · 1 rows shifted ·",
      "            2 usage · 3 could not compare, incomplete · 4 blind threshold ·",
      "            5 internal error · 130 interrupted"
    })
final class CausalCommand implements Callable<Integer> {

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
      description = "The models after; each is compared with BASE.")
  List<String> tuned = new ArrayList<>();

  @Option(names = "--between", description = "Also compare the first TUNED with the second.")
  boolean between;

  @Option(
      names = "--pair",
      arity = "2",
      paramLabel = "MODEL",
      description = "Also compare these two, base and tuned of another size; may be repeated.")
  List<String> pairs = new ArrayList<>();

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  ShiftOptions shift;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  FingerprintOptions fingerprints;

  @Option(
      names = "--edges",
      paramLabel = "FILE",
      description = "Also write every shifted row to a Parquet file.")
  @Nullable Path edges;

  @Option(
      names = "--heads",
      paramLabel = "FILE",
      description = "Also write every block and projection to a Parquet file.")
  @Nullable Path heads;

  @Option(
      names = "--markdown",
      paramLabel = "FILE",
      description = "Also write a report in Markdown.")
  @Nullable Path markdown;

  @Option(
      names = "--picture",
      paramLabel = "FILE",
      description = "Also draw block × projection as SVG.")
  @Nullable Path picture;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  PaletteOptions palette;

  @Option(
      names = "--feedback",
      paramLabel = "FILE",
      description = {
        "One round of feedback on heads; may be repeated. JSON:",
        "{\"heads\":[{\"block\":0,\"projection\":\"Q\",\"score\":0.9}]}"
      })
  List<Path> feedback = new ArrayList<>();

  @Option(
      names = "--max-rank",
      paramLabel = "R",
      defaultValue = "64",
      description = "Highest rank of an adapter on a head, default ${DEFAULT-VALUE}.")
  int maxRank;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  TraceBackOptions trace;

  @Option(names = "--all", description = "List every block and all that was not compared.")
  boolean all;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  WorkOptions work;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  OutputOptions output;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  LimitOptions limit;

  /** Two models to compare. */
  private record Pair(String base, String tuned) {}

  @Override
  public Integer call() throws IOException {
    CausalOptions options = checkUsage();
    output.check();
    for (OutputFile file : files()) {
      file.check();
    }
    CausalStudy study;
    try (PairedInputs inputs = new PairedInputs(shift.measure, fingerprints, limit.limits());
        TerminalProgress.Scope line = TerminalProgress.watched(output.quiet)) {
      List<PairedModels> models = new ArrayList<>();
      for (Pair pair : toCompare()) {
        models.add(inputs.pair(pair.base(), pair.tuned()));
      }
      List<Path> read = new ArrayList<>(FingerprintOptions.paths(inputs.files()));
      read.addAll(feedback);
      output.spare(read);
      for (OutputFile file : files()) {
        file.spare(read);
      }
      study = study(models, options, inputs, line.progress());
    }
    write(study);
    output.write(out -> {
      if (output.json) {
        CausalJson.write(study, out);
      } else {
        CausalText.print(study, all, out);
      }
    });
    return output.exitCode(study.verdict().exit());
  }

  /** The diffs in the order in which they are shown. */
  private List<Pair> toCompare() {
    List<Pair> diffs = new ArrayList<>();
    tuned.forEach(each -> diffs.add(new Pair(base, each)));
    if (between) {
      diffs.add(new Pair(tuned.get(0), tuned.get(1)));
    }
    for (int i = 0; i < pairs.size(); i += 2) {
      diffs.add(new Pair(pairs.get(i), pairs.get(i + 1)));
    }
    return diffs;
  }

  private CausalOptions checkUsage() {
    work.requireProcessor(
        "--device: rows are compared on the processor; wmark index --device makes indexes elsewhere");
    if (between && tuned.size() != 2) {
      throw usage("--between needs two TUNED models");
    }
    if (!feedback.isEmpty() && !hasQuality()) {
      throw usage("--feedback needs the quality of heads: two TUNED models and a --pair");
    }
    if (maxRank < 0) {
      throw usage("--max-rank " + maxRank + ": from 0 on");
    }
    if (palette.file != null) {
      boolean two = palette.form == PaletteOptions.Form.TWO;
      if (pairs.size() != 2 || (two ? between : !(between && tuned.size() == 2))) {
        throw usage(
            two
                ? "--palette-form two needs one --pair, and no --between"
                : "--palette needs two TUNED models, --between and one --pair");
      }
    }
    if (shift.measure != Measure.BASE17 && (palette.file != null || trace.trace != null)) {
      throw usage("--palette and --trace need fingerprints: --measure base17");
    }
    Set<Path> distinct = new HashSet<>();
    for (OutputFile file : files()) {
      if (!distinct.add(file.path().toAbsolutePath().normalize())
          || file.path().equals(output.out)) {
        throw usage(file + ": another output goes to the same file");
      }
    }
    trace.target();
    return shift.options(work.workers());
  }

  private boolean hasQuality() {
    return tuned.size() == 2 && !pairs.isEmpty();
  }

  private ParameterException usage(String message) {
    return new ParameterException(command.commandLine(), message);
  }

  private List<OutputFile> files() {
    List<OutputFile> files = new ArrayList<>();
    add(files, "--edges", edges);
    add(files, "--heads", heads);
    add(files, "--markdown", markdown);
    add(files, "--picture", picture);
    add(files, "--palette", palette.file);
    return files;
  }

  private static void add(List<OutputFile> files, String option, @Nullable Path path) {
    if (path != null) {
      files.add(new OutputFile(option, path));
    }
  }

  private CausalStudy study(
      List<PairedModels> models, CausalOptions options, PairedInputs inputs, Progress progress)
      throws IOException {
    Compared compared =
        edges == null
            ? compare(models, options, null, progress)
            : new OutputFile("--edges", edges)
                .make(temporary -> {
                  try (EdgeTable table = new EdgeTable(temporary)) {
                    return compare(models, options, table, progress);
                  }
                });
    List<CausalResult> diffs = compared.diffs();
    Optional<QualityMap> quality = Optional.empty();
    Optional<VolatilityMap> volatility = Optional.empty();
    if (hasQuality()) {
      CausalResult small = diffs.get(between ? 3 : 2);
      quality = Optional.of(QualityMap.of(diffs.get(0), diffs.get(1), small));
      if (between) {
        volatility = Optional.of(VolatilityMap.of(diffs.get(0), diffs.get(1), diffs.get(2), small));
      }
    }
    return new CausalStudy(
        diffs,
        RevisedTruths.inOrder(diffs),
        RevisedTruths.pooled(diffs),
        quality,
        volatility,
        beliefs(quality),
        compared.trace(),
        run(inputs, models.getFirst(), options));
  }

  /** What comparing gave. */
  private record Compared(List<CausalResult> diffs, Optional<RowTrace> trace) {}

  private Compared compare(
      List<PairedModels> models,
      CausalOptions options,
      @Nullable EdgeTable table,
      Progress progress)
      throws IOException {
    List<CausalResult> diffs = new ArrayList<>();
    Optional<RowTrace> traced = Optional.empty();
    TraceBackOptions.Target target = trace.target();
    for (PairedModels pair : models) {
      EdgeSink sink =
          table == null ? EdgeSink.NONE : table.edges(pair.base(), pair.tuned(), pair.measure());
      boolean first = diffs.isEmpty();
      if (first && target != null) {
        RowTracer tracer = new RowTracer(sink);
        diffs.add(CausalDiff.run(pair, options, tracer, progress));
        traced =
            Optional.of(
                tracer.trace(
                    (FingerprintPairs) pair,
                    target.tensor(),
                    target.row(),
                    trace.depth,
                    trace.threshold,
                    !trace.once));
      } else {
        diffs.add(CausalDiff.run(pair, options, sink, progress));
      }
    }
    return new Compared(diffs, traced);
  }

  private Optional<Beliefs> beliefs(Optional<QualityMap> quality) throws IOException {
    if (quality.isEmpty()) {
      return Optional.empty();
    }
    Beliefs beliefs = Beliefs.of(quality.get());
    for (Path file : feedback) {
      beliefs = beliefs.after(FeedbackFile.read(file));
    }
    return Optional.of(beliefs);
  }

  private RunRecord run(PairedInputs inputs, PairedModels models, CausalOptions options)
      throws IOException {
    return new RunRecord(
        Version.number(),
        command.commandLine().getParseResult().originalArgs(),
        "cpu",
        models.implementation(),
        models.implementationReason(),
        options.threads(),
        work.maxMemory,
        Runtime.version().toString(),
        FingerprintOptions.inputs(inputs.files()));
  }

  private void write(CausalStudy study) throws IOException {
    if (heads != null) {
      new OutputFile("--heads", heads)
          .make(file -> {
            HeadTable.write(study.diffs(), file);
            return null;
          });
    }
    if (markdown != null) {
      new OutputFile("--markdown", markdown).write(out -> CausalMarkdown.print(study, out));
    }
    if (picture != null) {
      new OutputFile("--picture", picture).write(out -> HeadPicture.write(study.diffs(), out));
    }
    if (palette.file != null) {
      byte[] bytes = palette.of(study.diffs(), study.quality().orElse(null)).toBytes();
      new OutputFile("--palette", Objects.requireNonNull(palette.file))
          .write(out -> out.write(bytes, 0, bytes.length));
    }
  }
}
