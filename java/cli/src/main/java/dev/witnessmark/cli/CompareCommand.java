package dev.witnessmark.cli;

import dev.witnessmark.capture.Capture;
import dev.witnessmark.capture.CaptureOptions;
import dev.witnessmark.capture.Manifest;
import dev.witnessmark.capture.NameMap;
import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.FileByteSource;
import dev.witnessmark.format.InputFingerprint;
import dev.witnessmark.format.Limits;
import dev.witnessmark.inference.Model;
import dev.witnessmark.parity.budget.Precision;
import dev.witnessmark.parity.compare.CaptureComparison;
import dev.witnessmark.parity.compare.CaptureSide;
import dev.witnessmark.parity.compare.CompareOptions;
import dev.witnessmark.parity.compare.CompareResult;
import dev.witnessmark.parity.compare.SideModels;
import dev.witnessmark.report.CompareJson;
import dev.witnessmark.report.CompareText;
import dev.witnessmark.verdict.RunRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code wmark compare}. */
@Command(
    name = "compare",
    description = {
      "Two captures of one input, stage by stage in forward order: where they part, what each",
      "stage is off by itself and what it inherited, and which side is to blame."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  wmark compare cpu/ gpu/",
      "  wmark compare cpu/ gpu/ --truth exact/ --model model.gguf",
      "  wmark compare mine/ dump.safetensors --names hooks.map --precision-b f16",
      "  wmark compare mine/ npy/ --names-b hooks.map --common --json",
      "",
      "A and B are folders of wmark trace, or safetensors, .npy and APRT files of other",
      "tools. A is the reference. The model tells own errors from inherited ones; where",
      "a manifest names it and its hash still matches, it is found without --model.",
      "",
      "Exit codes: 0 same bits or within the budget · 1 differs · 2 usage ·",
      "            3 could not compare · 5 internal error · 130 interrupted"
    })
final class CompareCommand implements Callable<Integer> {

  /** The two orders of pairs in rotary embedding. */
  enum Layout {
    HALF,
    INTERLEAVED
  }

  @Spec
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  CommandSpec command;

  @Parameters(index = "0", paramLabel = "A", description = "A capture: the reference.")
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  Path a;

  @Parameters(index = "1", paramLabel = "B", description = "The capture to compare with it.")
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  Path b;

  @Option(
      names = "--truth",
      paramLabel = "DIR",
      description = "A capture of path exact: says which side is off.")
  @Nullable Path truth;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description = "The model that the captures are of: tells own errors from inherited ones.")
  @Nullable Path model;

  @Option(
      names = "--names",
      paramLabel = "FILE",
      description = "What the names of tensors of another tool mean: lines NAME = STAGE, or JSON.")
  @Nullable Path names;

  @Option(names = "--names-a", paramLabel = "FILE", description = "The same for A alone.")
  @Nullable Path namesA;

  @Option(names = "--names-b", paramLabel = "FILE", description = "The same for B alone.")
  @Nullable Path namesB;

  @Option(
      names = "--precision-a",
      paramLabel = "TYPE",
      description = {
        "What A was computed in, if another tool made it: f32, f16 or bf16; default: as it is",
        "stored."
      })
  @Nullable Precision precisionA;

  @Option(names = "--precision-b", paramLabel = "TYPE", description = "The same for B.")
  @Nullable Precision precisionB;

  @Option(
      names = "--rotary-a",
      paramLabel = "LAYOUT",
      description = {
        "Which elements of A's heads form pairs, if another tool made it: half (PyTorch) or",
        "interleaved (GGUF of llama); default: as on the other side."
      })
  @Nullable Layout rotaryA;

  @Option(names = "--rotary-b", paramLabel = "LAYOUT", description = "The same for B.")
  @Nullable Layout rotaryB;

  @Option(
      names = "--common",
      description = "Compare the stages that both sides have, and say what was skipped.")
  boolean common;

  @Option(names = "--all", description = "A line for stages with equal bits too.")
  boolean all;

  @Option(
      names = "--max-memory",
      paramLabel = "SIZE",
      converter = ByteSize.class,
      defaultValue = "2G",
      description = "Most memory for weights, default ${DEFAULT-VALUE}.")
  long maxMemory;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  LimitOptions limit;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  OutputOptions output;

  @Override
  public Integer call() throws IOException {
    output.check();
    List<Path> inputs = new ArrayList<>(List.of(a, b));
    Optional.ofNullable(truth).ifPresent(inputs::add);
    Optional.ofNullable(model).ifPresent(inputs::add);
    output.spare(inputs);
    Limits limits = limit.limits();
    try (SideModels models = SideModels.open(Optional.ofNullable(model), limits);
        Capture left = open(a, namesA, models, limits);
        Capture right = open(b, namesB, models, limits)) {
      CaptureSide sideA = models.find(side("A", left, precisionA, rotaryA));
      CaptureSide sideB = models.find(side("B", right, precisionB, rotaryB));
      models.requireUsed();
      CompareResult result;
      if (truth == null) {
        result = compare(sideA, sideB, Optional.empty());
      } else {
        try (Capture exact = open(truth, null, models, limits)) {
          result = compare(sideA, sideB, Optional.of(CaptureSide.of("truth", exact)));
        }
      }
      output.write(out -> {
        if (output.json) {
          CompareJson.write(result, out);
        } else {
          CompareText.print(result, all, out);
        }
      });
      return output.exitCode(result.verdict().exit());
    }
  }

  private Capture open(Path path, @Nullable Path own, SideModels models, Limits limits)
      throws IOException {
    Path map = own != null ? own : names;
    NameMap known = NameMap.none();
    if (map != null) {
      try (ByteSource file = FileByteSource.open(map)) {
        known = NameMap.read(file, limits);
      }
    }
    return Capture.open(
        path, new CaptureOptions(true, known, models.given().map(Model::hyperparameters)), limits);
  }

  private static CaptureSide side(
      String name, Capture capture, @Nullable Precision precision, @Nullable Layout layout) {
    return new CaptureSide(
        name,
        capture,
        Optional.empty(),
        Optional.ofNullable(precision),
        Optional.ofNullable(layout).map(l -> l == Layout.INTERLEAVED));
  }

  private CompareResult compare(CaptureSide left, CaptureSide right, Optional<CaptureSide> exact)
      throws IOException {
    List<InputFingerprint> inputs = new ArrayList<>();
    for (Path path : List.of(a, b)) {
      Path file = Files.isDirectory(path) ? path.resolve(Manifest.FILE) : path;
      if (Files.isRegularFile(file)) {
        try (ByteSource source = FileByteSource.open(file)) {
          inputs.add(InputFingerprint.of(source));
        }
      }
    }
    RunRecord run =
        new RunRecord(
            Version.number(),
            command.commandLine().getParseResult().originalArgs(),
            "cpu",
            CaptureComparison.oracleName(),
            "single stages are computed again on the oracle",
            1,
            maxMemory,
            Runtime.version().toString(),
            inputs);
    try (TerminalProgress.Scope line = TerminalProgress.watched(output.quiet)) {
      return CaptureComparison.run(
          left, right, exact, new CompareOptions(common, run), line.progress());
    }
  }
}
