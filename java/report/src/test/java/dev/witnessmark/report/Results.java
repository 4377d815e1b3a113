package dev.witnessmark.report;

import dev.witnessmark.compare.DiffResult;
import dev.witnessmark.compare.Extreme;
import dev.witnessmark.compare.FloorUse;
import dev.witnessmark.compare.HistogramBin;
import dev.witnessmark.compare.RowChange;
import dev.witnessmark.compare.RowChanges;
import dev.witnessmark.compare.Side;
import dev.witnessmark.compare.Skipped;
import dev.witnessmark.compare.TensorDifference;
import dev.witnessmark.compare.TensorStatus;
import dev.witnessmark.compare.ValueDifference;
import dev.witnessmark.format.InputFingerprint;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.model.Role;
import dev.witnessmark.model.TensorIdentity;
import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.RunRecord;
import dev.witnessmark.verdict.Verdict;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Hand-made results. */
final class Results {

  private Results() {}

  static TensorIdentity identity(Role role, int block) {
    return new TensorIdentity(role, block, TensorIdentity.NONE, "weight", "");
  }

  /** A tensor of which both sides store 2 × 3 values as BF16. */
  static TensorDifference tensor(
      String name,
      TensorIdentity identity,
      TensorStatus status,
      @Nullable ValueDifference difference) {
    Side side = new Side(name, TensorType.BF16, List.of(2L, 3L));
    return new TensorDifference(
        status == TensorStatus.ONLY_IN_B ? null : side,
        status == TensorStatus.ONLY_IN_A ? null : side,
        identity,
        false,
        status,
        "because",
        List.of(),
        difference,
        null);
  }

  static TensorDifference equal(String name, Role role, int block) {
    return tensor(name, identity(role, block), TensorStatus.BIT_IDENTICAL, same());
  }

  static TensorDifference moved(String name, Role role, int block, @Nullable Double relative) {
    return tensor(name, identity(role, block), TensorStatus.MOVED, changed(relative, 0.5, null));
  }

  static ValueDifference same() {
    return new ValueDifference(
        6,
        6,
        0,
        0,
        null,
        0,
        0,
        null,
        0,
        0,
        null,
        0.0,
        0.0,
        0.0,
        1.0,
        null,
        null,
        List.of(),
        List.of(),
        new RowChanges(2, 0, List.of()),
        null);
  }

  /** One of six values differs, by {@code delta}. */
  static ValueDifference changed(
      @Nullable Double relative, @Nullable Double cosine, @Nullable FloorUse floor) {
    return changed(0, relative, cosine, floor);
  }

  /** The same, with {@code outOfRange} pairs whose squares are. */
  static ValueDifference changed(
      long outOfRange,
      @Nullable Double relative,
      @Nullable Double cosine,
      @Nullable FloorUse floor) {
    Extreme extreme = new Extreme(4, 1, 1, 1.5, 2.0, -0.5);
    return new ValueDifference(
        6,
        5,
        0,
        outOfRange,
        0L,
        0,
        0,
        0L,
        0,
        0,
        extreme,
        -0.5 / 6,
        0.25,
        relative,
        cosine,
        2.0,
        2.5,
        List.of(extreme),
        List.of(new HistogramBin(0.5, 1)),
        new RowChanges(2, 1, List.of(new RowChange(1, Double.POSITIVE_INFINITY))),
        floor);
  }

  static DiffResult result(Verdict verdict, TensorDifference... tensors) {
    return result(verdict, List.of(), tensors);
  }

  static DiffResult result(Verdict verdict, List<Skipped> skipped, TensorDifference... tensors) {
    return new DiffResult(
        compared("models/a.gguf"),
        compared("models/b.gguf"),
        List.of(tensors),
        skipped,
        0,
        null,
        verdict,
        new RunRecord(
            "1.0",
            List.of("diff", "a", "b"),
            "cpu",
            "scalar",
            "asked for",
            2,
            1 << 30,
            "25",
            List.of(
                new InputFingerprint("models/a.gguf", 100, "0123456789abcdef".repeat(4), "all"))));
  }

  private static DiffResult.Compared compared(String name) {
    return new DiffResult.Compared(name, "GGUF", "llama", 2, 20, 5_051_904, List.of("BF16"));
  }

  static Verdict differs() {
    return new Verdict("differs", ExitCode.DIFFERS, List.of("1 moved"));
  }

  /** What a writer prints, as text. */
  static String printed(Consumer<PrintStream> writer) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, false, StandardCharsets.UTF_8);
    writer.accept(out);
    out.flush();
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
