package dev.witnessmark.causal.diff;

import dev.witnessmark.fingerprint.Projection;
import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * One base and one tuned model, compared row by row.
 *
 * @param base the base as the user named it
 * @param tuned the tuned model as the user named it
 * @param measure how rows were compared
 * @param threshold from where on a row counted as shifted
 * @param tensors every compared tensor, in the base's order
 * @param unequal tensors of both models of different shape
 * @param onlyInBase tensors that the tuned model has not
 * @param onlyInTuned tensors that the base has not
 * @param notices what was accepted but should be seen
 * @param incomplete why tensors may be missing; a result that has reasons is no answer
 * @param total all rows together
 * @param projections by projection, in the order of labels
 * @param heads by block and projection; every one that has rows, shifted or not
 * @param scaffold which blocks are scaffold blocks
 */
public record CausalResult(
    String base,
    String tuned,
    Measure measure,
    Threshold threshold,
    List<TensorShift> tensors,
    List<UnequalTensor> unequal,
    List<String> onlyInBase,
    List<String> onlyInTuned,
    List<String> notices,
    List<String> incomplete,
    Shift total,
    Map<Projection, ProjectionShift> projections,
    Map<HeadKey, Shift> heads,
    Scaffold scaffold) {

  static CausalResult of(PairedModels models, CausalOptions options, List<TensorShift> tensors) {
    Shift total = Shift.NONE;
    Map<Projection, ProjectionShift> projections =
        new TreeMap<>(Comparator.comparing(Projection::label));
    Map<HeadKey, Shift> heads = new TreeMap<>();
    for (TensorShift tensor : tensors) {
      total = total.plus(tensor.shift());
      Projection projection = tensor.tensor().projection();
      projections.put(
          projection,
          projections.getOrDefault(projection, ProjectionShift.NONE).plus(tensor.shift()));
      OptionalLong block = tensor.tensor().block();
      if (block.isPresent()) {
        heads.merge(new HeadKey(block.getAsLong(), projection), tensor.shift(), Shift::plus);
      }
    }
    return new CausalResult(
        models.base(),
        models.tuned(),
        models.measure(),
        options.threshold(),
        List.copyOf(tensors),
        List.copyOf(models.unequal()),
        List.copyOf(models.onlyInBase()),
        List.copyOf(models.onlyInTuned()),
        List.copyOf(models.notices()),
        List.copyOf(models.incomplete()),
        total,
        projections,
        heads,
        Scaffold.of(heads, options.scaffoldShare(), options.requireK()));
  }

  /** Rows of {@code head}; none where the models have no such head. */
  public Shift head(HeadKey head) {
    return heads.getOrDefault(head, Shift.NONE);
  }

  /** Rows of {@code projection}; none where the models have none. */
  public ProjectionShift projection(Projection projection) {
    return projections.getOrDefault(projection, ProjectionShift.NONE);
  }

  /** Rows of tensors in which not even unrelated rows would count as shifted. */
  public long blindRows() {
    return tensors.stream().filter(TensorShift::blind).mapToLong(each -> each.shift().rows()).sum();
  }

  /**
   * The answer. Shifted rows differ; equal distances everywhere are the same. No shifted row means
   * something only where unrelated rows would have counted as shifted: elsewhere it is unclear.
   */
  public Verdict verdict() {
    List<String> basis = new ArrayList<>();
    if (total.rows() == 0) {
      basis.add("no row of both models could be compared");
      return new Verdict("could-not-compare", ExitCode.COULD_NOT_COMPARE, basis);
    }
    basis.add(
        "%d of %d rows are further apart than %s"
            .formatted(total.shifted(), total.rows(), limit()));
    if (!incomplete.isEmpty()) {
      basis.add("incomplete: " + String.join("; ", incomplete));
      return new Verdict("could-not-compare", ExitCode.COULD_NOT_COMPARE, basis);
    }
    if (!unequal.isEmpty() || !onlyInBase.isEmpty() || !onlyInTuned.isEmpty()) {
      basis.add(
          "%d tensors only in the base, %d only in the tuned model, %d of another shape"
              .formatted(onlyInBase.size(), onlyInTuned.size(), unequal.size()));
    }
    long blind = total.largest() == 0 ? 0 : blindRows();
    if (blind > 0) {
      basis.add(
          "where %d of these rows are, not even unrelated rows are that far apart"
              .formatted(blind));
    }
    boolean others = !unequal.isEmpty() || !onlyInBase.isEmpty() || !onlyInTuned.isEmpty();
    if (total.shifted() > 0 || others) {
      return new Verdict("differs", ExitCode.DIFFERS, basis);
    }
    if (total.largest() == 0) {
      basis.add(
          measure == Measure.BASE17
              ? "all fingerprints are equal, which weights need not be"
              : "all weights of these rows are numerically equal");
      return new Verdict("identical", ExitCode.SAME, basis);
    }
    return blind > 0
        ? new Verdict("unclear", ExitCode.INCONCLUSIVE, basis)
        : new Verdict("below-threshold", ExitCode.SAME, basis);
  }

  private String limit() {
    return threshold.inUnitsOfNull()
        ? plain(threshold.value()) + " of what unrelated rows of their tensor are apart"
        : measure.unit() + " " + plain(threshold.value());
  }

  private static String plain(double value) {
    return value == Math.rint(value) && value < 1e9
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
