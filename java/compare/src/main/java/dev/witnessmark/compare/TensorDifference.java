package dev.witnessmark.compare;

import dev.witnessmark.model.TensorIdentity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The result for one tensor.
 *
 * @param a left side, null for {@link TensorStatus#ONLY_IN_B}
 * @param b right side, null for {@link TensorStatus#ONLY_IN_A}
 * @param identity what it is
 * @param guessed true if the identity was read off the name because no table knows it
 * @param status what became of it
 * @param basis why this status, in one sentence
 * @param views what was done to make the sides comparable
 * @param difference the numbers, null where nothing was compared value by value
 * @param diagnosis a view under which the sides would agree, or null
 */
public record TensorDifference(
    @Nullable Side a,
    @Nullable Side b,
    TensorIdentity identity,
    boolean guessed,
    TensorStatus status,
    String basis,
    List<String> views,
    @Nullable ValueDifference difference,
    @Nullable String diagnosis) {

  public TensorDifference {
    views = List.copyOf(views);
  }

  /** The name to show: A's, or B's if there is no other. */
  public String name() {
    if (a != null) {
      return a.name();
    }
    return b == null ? "" : b.name();
  }
}
