package dev.witnessmark.bench.guard;

import dev.witnessmark.bench.BenchResult;
import dev.witnessmark.bench.BenchResultReader;
import dev.witnessmark.bench.command.InterleavedRuns;
import dev.witnessmark.bench.command.RunListener;
import dev.witnessmark.format.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Did it get slower? The entry point. */
public final class Guard {

  private static final int BUFFER = 1 << 16;

  private final GuardOptions options;
  private final Limits limits;
  private final String version;
  private final List<String> arguments;

  /**
   * @param options when a change counts
   * @param limits bounds on the numbers of the files
   * @param version version of Witnessmark, for the record
   * @param arguments the command line, for the record
   */
  public Guard(GuardOptions options, Limits limits, String version, List<String> arguments) {
    this.options = options;
    this.limits = limits;
    this.version = version;
    this.arguments = List.copyOf(arguments);
  }

  /**
   * Judges two files {@code wmark-bench-v1}.
   *
   * @throws dev.witnessmark.format.Refusal if one is no such document
   */
  public GuardResult files(Path before, Path after) throws IOException {
    BenchResult old = BenchResultReader.read(before, limits);
    BenchResult now = BenchResultReader.read(after, limits);
    return result(
        new GuardResult.Side(before.toString(), old.devices()),
        new GuardResult.Side(after.toString(), now.devices()),
        null,
        new GuardJudge(options, false).judge(old, now),
        List.of(input(before), input(after)));
  }

  /**
   * Measures two commands in turns and judges them; what seems to have changed is measured again.
   *
   * @param before command A
   * @param after command B
   * @param rounds rounds of A B B A
   * @throws dev.witnessmark.verdict.CouldNotCompare if a command fails
   */
  public GuardResult commands(String before, String after, int rounds, RunListener listener)
      throws IOException {
    try (InterleavedRuns runs = new InterleavedRuns(before, after, limits, listener)) {
      GuardJudge judge = new GuardJudge(options, true);
      InterleavedRuns.Pair pair = runs.measure("measuring", rounds);
      List<CellResult> cells = judge.judge(pair.a(), pair.b());
      boolean again = cells.stream().anyMatch(cell -> cell.outcome().changed());
      if (again) {
        InterleavedRuns.Pair second = runs.measure("measuring again", rounds);
        cells = GuardJudge.confirmed(cells, judge.judge(second.a(), second.b()));
      }
      return result(
          new GuardResult.Side(before, pair.a().devices()),
          new GuardResult.Side(after, pair.b().devices()),
          new GuardResult.Interleaving(rounds, again),
          cells,
          List.of());
    }
  }

  private GuardResult result(
      GuardResult.Side before,
      GuardResult.Side after,
      GuardResult.@Nullable Interleaving interleaving,
      List<CellResult> cells,
      List<GuardRun.Input> inputs) {
    return new GuardResult(
        before,
        after,
        interleaving,
        cells,
        options,
        GuardVerdict.of(cells, options.commonOnly()),
        new GuardRun(version, arguments, Runtime.version().toString(), inputs));
  }

  private static GuardRun.Input input(Path path) throws IOException {
    MessageDigest digest = sha256();
    long bytes = 0;
    byte[] buffer = new byte[BUFFER];
    try (InputStream in = Files.newInputStream(path)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
        bytes += read;
      }
    }
    return new GuardRun.Input(path.toString(), bytes, HexFormat.of().formatHex(digest.digest()));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
