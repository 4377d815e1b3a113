package dev.witnessmark.compare;

import dev.witnessmark.verdict.RunRecord;
import dev.witnessmark.verdict.Verdict;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The result of {@code wmark diff}.
 *
 * @param a left checkpoint
 * @param b right checkpoint
 * @param tensors every tensor that was asked for, in the order of A, then what only B has
 * @param skipped what was asked for and not compared
 * @param excluded number of tensors that the user's {@code --tensors} left out
 * @param expectation how close B is to an expected update, or null if none was given
 * @param verdict the answer
 * @param run what ran
 */
public record DiffResult(
    Compared a,
    Compared b,
    List<TensorDifference> tensors,
    List<Skipped> skipped,
    long excluded,
    @Nullable Expectation expectation,
    Verdict verdict,
    RunRecord run) {

  public DiffResult {
    tensors = List.copyOf(tensors);
    skipped = List.copyOf(skipped);
  }

  /**
   * A compared checkpoint.
   *
   * @param name as the user wrote it
   * @param format its container
   * @param architecture what it is
   * @param blocks number of transformer blocks
   * @param tensors number of tensors
   * @param parameters number of values
   * @param types storage types, most values first
   */
  public record Compared(
      String name,
      String format,
      String architecture,
      int blocks,
      long tensors,
      long parameters,
      List<String> types) {
    public Compared {
      types = List.copyOf(types);
    }
  }
}
