package dev.witnessmark.cli;

import dev.witnessmark.compare.inspect.Inspection;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.CheckpointReader;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Printable;
import dev.witnessmark.report.InfoJson;
import dev.witnessmark.report.InfoText;
import dev.witnessmark.verdict.ExitCode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
      "hashes. A file that is refused does not stop the others."
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
    try (TerminalProgress.Scope line = TerminalProgress.watched(output.quiet);
        Checkpoint checkpoint = CheckpointReader.open(path(file), limits)) {
      Inspection inspection =
          Inspection.of(checkpoint, new Inspection.Depth(statistics, hashes), line.progress());
      if (output.json) {
        InfoJson.write(file, inspection, out);
      } else {
        InfoText.print(file, inspection, all, out);
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

  private static Path path(String file) throws IOException {
    try {
      return Path.of(file);
    } catch (InvalidPathException invalid) {
      throw new IOException(file + ": is no path: " + invalid.getReason(), invalid);
    }
  }
}
