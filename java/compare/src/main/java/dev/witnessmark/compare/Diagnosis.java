package dev.witnessmark.compare;

import dev.witnessmark.compare.diagnose.SplitDiagnosis;
import dev.witnessmark.compare.diagnose.ViewDiagnosis;
import dev.witnessmark.compare.match.Operand;
import dev.witnessmark.compare.match.TensorPair;
import dev.witnessmark.compare.matrix.Matrix;
import dev.witnessmark.compare.stream.PairJudge;
import dev.witnessmark.compare.stream.Reduction;
import dev.witnessmark.compare.stream.StreamingComparison;
import dev.witnessmark.compare.stream.Workers;
import dev.witnessmark.model.IdentifiedTensor;
import dev.witnessmark.model.ModelDescription;
import dev.witnessmark.model.TensorIdentity;
import dev.witnessmark.verdict.Progress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Why tensors disagree that need not: what would make them agree, confirmed on every value and said
 * in words. Nothing said here makes a tensor count as matched.
 */
final class Diagnosis {

  /** Names of parts that are said; of more only the number. */
  private static final int MOST_NAMES = 4;

  private final Operand a;
  private final Operand b;
  private final Reduction reduction;
  private final int threads;
  private final Progress progress;

  Diagnosis(Operand a, Operand b, Reduction reduction, int threads, Progress progress) {
    this.a = a;
    this.b = b;
    this.reduction = reduction;
    this.threads = threads;
    this.progress = progress;
  }

  /** Two tensors that should be each other's counterpart and do not agree. */
  record Suspects(Matrix a, Matrix b, TensorIdentity identity) {}

  /**
   * For each of {@code pairs} the view of b under which the whole tensor agrees with a; empty if
   * there is none.
   */
  List<Optional<String>> ofPairs(List<Suspects> pairs) throws IOException {
    int[] heads =
        IntStream.concat(
                Arrays.stream(ModelDescription.declaredHeads(a.checkpoint())),
                Arrays.stream(ModelDescription.declaredHeads(b.checkpoint())))
            .toArray();
    List<List<ViewDiagnosis.Candidate>> candidates =
        Workers.run(
            threads,
            pairs.stream()
                .map(
                    pair -> (Callable<List<ViewDiagnosis.Candidate>>) () -> candidates(pair, heads))
                .toList());
    List<Optional<String>> views = new ArrayList<>();
    for (int i = 0; i < pairs.size(); i++) {
      views.add(confirmed(pairs.get(i), candidates.get(i)));
    }
    return views;
  }

  private static List<ViewDiagnosis.Candidate> candidates(Suspects pair, int[] heads) {
    try {
      return ViewDiagnosis.candidates(pair.a(), pair.b(), heads);
    } catch (IOException unreadable) {
      return List.of();
    }
  }

  private Optional<String> confirmed(Suspects pair, List<ViewDiagnosis.Candidate> candidates)
      throws IOException {
    for (ViewDiagnosis.Candidate candidate : candidates) {
      TensorStatus status = agreed(List.of(pair(pair.a(), candidate.b(), pair.identity())));
      if (status != null) {
        return Optional.of("B " + candidate.name() + " is " + status.label());
      }
    }
    return Optional.empty();
  }

  /** What is said of tensors without a comparable counterpart, by their names in A and in B. */
  record Remarks(Map<String, String> ofA, Map<String, String> ofB) {}

  /** Tries whether tensors of one side are parts of a tensor of the other. */
  Remarks ofUnmatched(List<IdentifiedTensor> openA, List<IdentifiedTensor> openB)
      throws IOException {
    Remarks remarks = new Remarks(new HashMap<>(), new HashMap<>());
    List<IdentifiedTensor> plainA = unadapted(a, openA);
    List<IdentifiedTensor> plainB = unadapted(b, openB);
    splits(plainA, plainB, 1, false, remarks);
    splits(plainB, plainA, 2, true, remarks);
    return remarks;
  }

  /** Tensors whose stored values are all there is to them. */
  private static List<IdentifiedTensor> unadapted(Operand side, List<IdentifiedTensor> open) {
    return open.stream().filter(t -> !side.updates().containsKey(t.view().name())).toList();
  }

  private void splits(
      List<IdentifiedTensor> wholes,
      List<IdentifiedTensor> parts,
      int fewestParts,
      boolean swapped,
      Remarks remarks)
      throws IOException {
    Map<String, String> ofWholes = swapped ? remarks.ofB() : remarks.ofA();
    Map<String, String> ofParts = swapped ? remarks.ofA() : remarks.ofB();
    String wholeSide = swapped ? "B" : "A";
    String partSide = swapped ? "A" : "B";
    SplitDiagnosis search =
        new SplitDiagnosis(
            parts.stream().filter(part -> !ofParts.containsKey(part.view().name())).toList(),
            fewestParts);
    for (IdentifiedTensor whole : wholes) {
      if (ofWholes.containsKey(whole.view().name())) {
        continue;
      }
      SplitDiagnosis.Split split;
      try {
        split = search.of(whole);
      } catch (IOException unreadable) {
        continue;
      }
      TensorStatus status = split == null ? null : agreed(pairs(split, swapped));
      if (split == null || status == null) {
        continue;
      }
      search.found(split);
      String turned = split.transposed() ? " transposed and" : "";
      ofWholes.put(
          whole.view().name(),
          "%s's %s%s %s %s's %s is %s"
              .formatted(
                  wholeSide,
                  whole.view().name(),
                  turned,
                  split.pieces().size() == 1 ? "compared with" : "split into",
                  partSide,
                  names(split.pieces()),
                  status.label()));
      for (SplitDiagnosis.Piece piece : split.pieces()) {
        ofParts.put(
            piece.tensor().view().name(),
            "%s's %s%s compared with %s's %s is %s"
                .formatted(
                    partSide,
                    piece.tensor().view().name(),
                    turned,
                    wholeSide,
                    split.pieces().size() == 1 ? whole.view().name() : piece.rows().name(),
                    status.label()));
      }
    }
  }

  private static String names(List<SplitDiagnosis.Piece> pieces) {
    String named =
        pieces.stream()
            .limit(MOST_NAMES)
            .map(piece -> piece.tensor().view().name())
            .collect(Collectors.joining(", "));
    int more = pieces.size() - MOST_NAMES;
    return more <= 0 ? named : named + " and " + more + " more";
  }

  private static List<TensorPair> pairs(SplitDiagnosis.Split split, boolean swapped) {
    return split.pieces().stream()
        .map(piece ->
            swapped
                ? pair(piece.part(), piece.rows(), piece.tensor().identity())
                : pair(piece.rows(), piece.part(), piece.tensor().identity()))
        .toList();
  }

  private static TensorPair pair(Matrix left, Matrix right, TensorIdentity identity) {
    return new TensorPair(left, right, identity, true, List.of(), 2);
  }

  /** The worst status of {@code pairs}, if all of them agree; else null. */
  private @Nullable TensorStatus agreed(List<TensorPair> pairs) throws IOException {
    List<TensorStatus> statuses = new ArrayList<>();
    progress.begin(
        "trying other views", pairs.stream().mapToLong(StreamingComparison::bytes).sum());
    StreamingComparison.run(
        pairs,
        IntStream.range(0, pairs.size()).boxed().toList(),
        reduction,
        threads,
        1,
        progress,
        new StreamingComparison.Results() {
          @Override
          public void judged(int number, TensorPair pair, PairJudge found) {
            statuses.add(found.status());
          }

          @Override
          public void failed(int number, TensorPair pair, String reason) {
            // Then this view explains nothing.
          }
        });
    TensorStatus worst = statuses.stream().max(TensorStatus::compareTo).orElse(null);
    boolean all = worst != null && worst.agrees() && statuses.size() == pairs.size();
    return all ? worst : null;
  }
}
