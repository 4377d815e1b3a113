package dev.witnessmark.cli;

import dev.witnessmark.capture.AprtHeader;
import dev.witnessmark.capture.Capture;
import dev.witnessmark.capture.CaptureOptions;
import dev.witnessmark.capture.NameMap;
import dev.witnessmark.compare.inspect.Inspection;
import dev.witnessmark.compare.inspect.TensorInspector;
import dev.witnessmark.fingerprint.bgz7.Bgz7Index;
import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.CheckpointReader;
import dev.witnessmark.format.FileByteSource;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Printable;
import dev.witnessmark.format.Shape;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.report.Bgz7InfoJson;
import dev.witnessmark.report.Bgz7InfoText;
import dev.witnessmark.report.InfoJson;
import dev.witnessmark.report.InfoText;
import dev.witnessmark.report.StageInfo;
import dev.witnessmark.report.StageInfoJson;
import dev.witnessmark.report.StageInfoText;
import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.Progress;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code wmark info}. */
@Command(
    name = "info",
    description = {
      "What is in a checkpoint: metadata, tensors, types, roles, bytes, and if asked statistics and",
      "hashes; or in a stage file, a capture or an index of fingerprints. A file that is refused",
      "does not stop the others."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  wmark info model.gguf",
      "  wmark info model/ --all --stats",
      "  wmark info *.gguf --json | jq -r 'select(.status == \"refused\") | .path'",
      "",
      "Exit codes: 0 all read · 2 usage · 3 a file was refused · 5 internal error"
    })
final class InfoCommand implements Callable<Integer> {

  @Parameters(arity = "1..*", paramLabel = "FILE", description = "Files or folders.")
  List<String> files = new ArrayList<>();

  @Option(names = "--all", description = "Every tensor and every metadata key, uncut.")
  boolean all;

  @Option(names = "--stats", description = "Decode every value: minimum, maximum, mean, rms, NaN.")
  boolean statistics;

  @Option(names = "--hash", description = "SHA-256 of every tensor's stored bytes.")
  boolean hashes;

  @Option(
      names = "--lenient",
      description = "Show the whole records of an index file that ends inside one.")
  boolean lenient;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  OutputOptions output;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  LimitOptions limit;

  @Override
  public Integer call() throws IOException {
    output.check();
    for (String file : files) {
      output.spare(List.of(path(file)));
    }
    Limits limits = limit.limits();
    boolean[] refused = {false};
    output.write(out -> {
      for (String file : files) {
        refused[0] |= !inspect(file, limits, out);
      }
    });
    return refused[0] ? ExitCode.COULD_NOT_COMPARE.code() : ExitCode.SAME.code();
  }

  /** Prints one file; false if it was refused. */
  private boolean inspect(String file, Limits limits, PrintStream out) {
    try (TerminalProgress.Scope line = TerminalProgress.watched(output.quiet)) {
      Path path = path(file);
      if (AprtHeader.begins(path)) {
        print(file, stageFile(path), out);
      } else if (Capture.begins(path)) {
        print(file, capture(path, limits, line.progress()), out);
      } else if (Bgz7Index.begins(path)) {
        index(file, limits, out);
      } else {
        checkpoint(file, limits, line.progress(), out);
      }
      return true;
    } catch (IOException failure) {
      if (output.json) {
        InfoJson.writeRefused(file, failure, Wmark.reason(failure), out);
      } else {
        out.println(Printable.of(" " + Wmark.reason(failure) + " (exit 3)"));
      }
      return false;
    }
  }

  private void checkpoint(String file, Limits limits, Progress progress, PrintStream out)
      throws IOException {
    try (Checkpoint checkpoint = CheckpointReader.open(path(file), limits)) {
      Inspection inspection = Inspection.of(checkpoint, depth(), progress);
      if (output.json) {
        InfoJson.write(file, inspection, out);
      } else {
        InfoText.print(file, inspection, all, out);
      }
    }
  }

  private void index(String file, Limits limits, PrintStream out) throws IOException {
    Bgz7Index.Reading reading = lenient ? Bgz7Index.Reading.LENIENT : Bgz7Index.Reading.STRICT;
    try (Bgz7Index index = Bgz7Index.open(path(file), reading, limits)) {
      if (output.json) {
        Bgz7InfoJson.write(file, index, out);
      } else {
        Bgz7InfoText.print(file, index, all, out);
      }
    }
  }

  private StageInfo stageFile(Path path) throws IOException {
    try (ByteSource file = FileByteSource.open(path)) {
      AprtHeader header = AprtHeader.read(file);
      TensorView values = header.values(file, path.toString(), Shape.of(header.elements()));
      try (TensorInspector inspector = new TensorInspector(depth(), header.elements())) {
        return new StageInfo.OfFile(header, inspector.inspect(values));
      }
    }
  }

  private StageInfo capture(Path path, Limits limits, Progress progress) throws IOException {
    CaptureOptions options = new CaptureOptions(hashes, NameMap.none(), Optional.empty());
    try (Capture capture = Capture.open(path, options, limits)) {
      List<StageInfo.InspectedStage> stages = new ArrayList<>();
      if (depth().reads()) {
        progress.begin(
            "reading", capture.stages().values().stream().mapToLong(TensorView::bytes).sum());
      }
      long values = capture.stages().values().stream().mapToLong(v -> v.shape().elements()).sum();
      try (TensorInspector inspector = new TensorInspector(depth(), values)) {
        for (Map.Entry<StageKey, TensorView> stage : capture.stages().entrySet()) {
          stages.add(
              new StageInfo.InspectedStage(
                  stage.getKey(), stage.getValue(), inspector.inspect(stage.getValue())));
          progress.advance(stage.getValue().bytes());
        }
      }
      return new StageInfo.OfCapture(capture.manifest().orElseThrow(), stages);
    }
  }

  private void print(String file, StageInfo info, PrintStream out) {
    if (output.json) {
      StageInfoJson.write(file, info, out);
    } else {
      StageInfoText.print(file, info, all, out);
    }
  }

  private TensorInspector.Depth depth() {
    return new TensorInspector.Depth(statistics, hashes);
  }

  private static Path path(String file) throws IOException {
    try {
      return Path.of(file);
    } catch (InvalidPathException invalid) {
      throw new IOException(file + ": is no path: " + invalid.getReason(), invalid);
    }
  }
}
