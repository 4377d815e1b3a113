package dev.witnessmark.cli;

import dev.witnessmark.compare.match.Operand;
import dev.witnessmark.fingerprint.FingerprintModel;
import dev.witnessmark.fingerprint.bgz7.Bgz7Index;
import dev.witnessmark.fingerprint.bgz7.Bgz7Model;
import dev.witnessmark.fingerprint.index.CheckpointFingerprints;
import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.InputFingerprint;
import dev.witnessmark.format.Limits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options on where fingerprints come from: indexes, or checkpoints while they are read. */
final class FingerprintOptions {

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  CommandSpec command;

  @Option(
      names = "--stride",
      paramLabel = "N",
      defaultValue = "1",
      description = {
        "Of checkpoints in BF16, look at every N-th octave of 17 columns only, as the index beside",
        "them was made; default ${DEFAULT-VALUE}."
      })
  int stride;

  @Option(
      names = "--lenient",
      description = "Take what is whole of an index file that was cut off; the result says so.")
  boolean lenient;

  /** Opens an index, several shards of one, or a checkpoint. */
  FingerprintModel open(String spec, Limits limits) throws IOException {
    if (stride < 1) {
      throw new ParameterException(command.commandLine(), "--stride " + stride + ": at least 1");
    }
    if (Bgz7Model.isMeantBy(spec)) {
      return Bgz7Model.open(
          spec, lenient ? Bgz7Index.Reading.LENIENT : Bgz7Index.Reading.STRICT, limits);
    }
    Operand operand = Operand.open(spec, limits);
    try {
      return CheckpointFingerprints.open(operand, new CheckpointFingerprints.Options(stride, false))
          .model();
    } catch (IOException | RuntimeException failure) {
      operand.close();
      throw failure;
    }
  }

  /** The files behind {@code operand}. */
  static Stream<ByteSource> files(Operand operand) {
    return operand.checkpoints().flatMap(checkpoint -> checkpoint.files().stream());
  }

  /** What tells {@code files} apart from others. */
  static List<InputFingerprint> inputs(Stream<ByteSource> files) throws IOException {
    List<InputFingerprint> inputs = new ArrayList<>();
    for (ByteSource file : files.distinct().toList()) {
      inputs.add(InputFingerprint.of(file));
    }
    return inputs;
  }

  /** Paths of {@code files}, which no output may replace. */
  static List<Path> paths(Stream<ByteSource> files) {
    return files.map(file -> Path.of(file.name())).toList();
  }
}
