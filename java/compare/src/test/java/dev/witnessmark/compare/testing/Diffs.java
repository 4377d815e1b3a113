package dev.witnessmark.compare.testing;

import dev.witnessmark.compare.CheckpointDiff;
import dev.witnessmark.compare.DiffOptions;
import dev.witnessmark.compare.DiffResult;
import dev.witnessmark.compare.TensorDifference;
import dev.witnessmark.compare.TensorStatus;
import dev.witnessmark.compare.match.Operand;
import dev.witnessmark.format.Limits;
import dev.witnessmark.verdict.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Runs comparisons and finds their results. */
public final class Diffs {

  private static final int TOP = 5;
  private static final int THREADS = 2;

  private Diffs() {}

  public static DiffOptions options(int threads, int top, @Nullable Path journal) {
    return new DiffOptions(
        List.of(), top, threads, 1L << 30, journal, null, null, List.of("diff"), "test");
  }

  public static DiffOptions only(String... globs) {
    return new DiffOptions(
        List.of(globs), TOP, THREADS, 1L << 30, null, null, null, List.of("diff"), "test");
  }

  public static DiffOptions expecting(Path adapter) {
    return new DiffOptions(
        List.of(), TOP, THREADS, 1L << 30, null, adapter, null, List.of("diff"), "test");
  }

  public static DiffResult run(Operand a, Operand b, DiffOptions options) throws IOException {
    return CheckpointDiff.run(a, b, options, Limits.DEFAULT, Progress.NONE);
  }

  public static DiffResult run(Operand a, Operand b) throws IOException {
    return run(a, b, options(THREADS, TOP, null));
  }

  public static DiffResult run(TestModel a, TestModel b) throws IOException {
    return run(a.operand("a"), b.operand("b"));
  }

  /** The result for the tensor of this name, in A or B. */
  public static TensorDifference of(DiffResult result, String name) {
    return result.tensors().stream()
        .filter(t ->
            (t.a() != null && t.a().name().equals(name))
                || (t.b() != null && t.b().name().equals(name)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no result for " + name));
  }

  /** Status by name. */
  public static Map<String, TensorStatus> statuses(DiffResult result) {
    Map<String, TensorStatus> statuses = new TreeMap<>();
    result.tensors().forEach(t -> statuses.put(t.name(), t.status()));
    return statuses;
  }
}
