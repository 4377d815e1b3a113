package dev.witnessmark.compare;

import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.Verdict;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How the verdict follows from the results of the tensors. */
final class DiffVerdict {

  private DiffVerdict() {}

  static Verdict of(
      List<TensorDifference> tensors, List<Skipped> skipped, @Nullable Expectation expectation) {
    Map<TensorStatus, Long> counts = new EnumMap<>(TensorStatus.class);
    tensors.forEach(t -> counts.merge(t.status(), 1L, Long::sum));
    List<String> basis = new ArrayList<>();
    if (!skipped.isEmpty()) {
      basis.add(skipped.size() + " asked for but not compared");
    }
    counts.forEach((status, count) -> basis.add(count + " " + status.label()));
    boolean anyCompared = tensors.stream().anyMatch(t -> t.status().compared());
    if (!anyCompared) {
      basis.addFirst("no tensor was compared");
      return new Verdict("could-not-compare", ExitCode.COULD_NOT_COMPARE, basis);
    }
    if (!skipped.isEmpty()) {
      return new Verdict("could-not-compare", ExitCode.COULD_NOT_COMPARE, basis);
    }
    if (expectation != null) {
      return expected(tensors, expectation, basis);
    }
    TensorStatus worst = counts.keySet().stream().max(TensorStatus::compareTo).orElseThrow();
    return worst.agrees()
        ? new Verdict(worst.label(), ExitCode.SAME, basis)
        : new Verdict("differs", ExitCode.DIFFERS, basis);
  }

  /** With an expected update, the tensors it names must carry it and all others must agree. */
  private static Verdict expected(
      List<TensorDifference> tensors, Expectation expectation, List<String> basis) {
    Set<String> named =
        expectation.tensors().stream()
            .map(Expectation.ExpectedTensor::name)
            .collect(Collectors.toUnmodifiableSet());
    long met = expectation.tensors().stream().filter(Expectation.ExpectedTensor::met).count();
    long others =
        tensors.stream().filter(t -> !t.status().agrees() && !named.contains(t.name())).count();
    basis.add(
        "%d of %d expected updates arrived, up to storage rounding"
            .formatted(met, expectation.tensors().size()));
    basis.add(
        others == 1
            ? "1 tensor outside the expected update differs"
            : others + " tensors outside the expected update differ");
    if (expectation.tensors().isEmpty()) {
      return new Verdict("could-not-compare", ExitCode.COULD_NOT_COMPARE, basis);
    }
    boolean asExpected = met == expectation.tensors().size() && others == 0;
    return asExpected
        ? new Verdict("as-expected", ExitCode.SAME, basis)
        : new Verdict("differs", ExitCode.DIFFERS, basis);
  }
}
