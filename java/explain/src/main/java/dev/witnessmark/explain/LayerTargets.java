package dev.witnessmark.explain;

import dev.witnessmark.explain.algebra.Basis;
import dev.witnessmark.explain.algebra.DenseMatrix;
import dev.witnessmark.explain.algebra.GramSchmidt;
import dev.witnessmark.explain.algebra.PrincipalAngles;
import dev.witnessmark.explain.algebra.SymmetricMatrix;
import dev.witnessmark.explain.candidate.Built;
import dev.witnessmark.explain.candidate.Candidate;
import dev.witnessmark.explain.score.Null;
import dev.witnessmark.explain.score.Nulls;
import dev.witnessmark.explain.score.Score;
import dev.witnessmark.explain.score.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the candidates of one layer are scored on.
 *
 * @param layer number of the layer
 * @param activation what tuning does to the states, empty without captures of it
 * @param samples the states that the former is made of
 * @param output delta of the output projection, empty if it did not change
 * @param down delta of the down projection, likewise
 * @param combined both, each counting the same; empty if neither changed
 * @param clean leading directions of plain states, empty without captures of them
 * @param specific the activation target with these taken off
 * @param deltaBasis the leading directions of the deltas
 * @param nulls of the targets
 * @param specificNulls of {@code specific}
 */
record LayerTargets(
    int layer,
    Optional<Target> activation,
    Optional<DenseMatrix> samples,
    Optional<Target> output,
    Optional<Target> down,
    Optional<Target> combined,
    Optional<Basis> clean,
    Optional<Target> specific,
    Optional<Basis> deltaBasis,
    Nulls nulls,
    Nulls specificNulls) {

  /**
   * The targets of one layer.
   *
   * @param most largest rank of any candidate
   */
  static LayerTargets of(
      int layer,
      Optional<DenseMatrix> samples,
      Optional<SymmetricMatrix> output,
      Optional<SymmetricMatrix> down,
      Optional<Basis> clean,
      Optional<Basis> deltaBasis,
      Null.Mode mode,
      int width,
      int most) {
    List<SymmetricMatrix> both = Stream.concat(output.stream(), down.stream()).toList();
    Basis nothing = Basis.empty(width);
    return new LayerTargets(
        layer,
        samples.map(x -> Target.ofSamples(x, most)),
        samples,
        output.map(gram -> Target.ofDelta(gram, most)),
        down.map(gram -> Target.ofDelta(gram, most)),
        both.isEmpty() ? Optional.empty() : Optional.of(Target.ofBalancedDeltas(both, most)),
        clean,
        samples.flatMap(x -> clean.map(c -> Target.ofSamplesWithout(c, x, most))),
        deltaBasis,
        new Nulls(mode, nothing, layer),
        new Nulls(mode, clean.orElse(nothing), layer));
  }

  /** Scores a candidate. */
  LayerRow score(Candidate candidate, Built built) {
    Basis basis = built.basis();
    Basis rest = clean.map(c -> GramSchmidt.projectAway(basis, c)).orElse(basis);
    Optional<PrincipalAngles> angles =
        deltaBasis.map(delta -> PrincipalAngles.between(basis, delta));
    return new LayerRow(
        candidate,
        layer,
        basis.rank(),
        built.publishedColumns(),
        basis.boundaryGap(),
        basis.isIllPosed(),
        built.cosines(),
        ofActivations(basis, activation, nulls),
        ofWeights(basis, output),
        ofWeights(basis, down),
        ofWeights(basis, combined),
        angles.map(PrincipalAngles::meanCosine).orElse(Double.NaN),
        angles.map(PrincipalAngles::overlap).orElse(Double.NaN),
        specific.isPresent() ? rest.rank() : 0,
        ofActivations(rest, specific, specificNulls),
        samples.map(x -> promptShares(basis, x)).orElse(new double[0]),
        publishedRange(built));
  }

  /** A subspace of no dimension holds nothing of an activation. */
  private static Score ofActivations(Basis basis, Optional<Target> target, Nulls nulls) {
    return target
        .map(t -> basis.rank() == 0 ? Score.ZERO : Score.of(basis, t, nulls))
        .orElse(Score.NONE);
  }

  private Score ofWeights(Basis basis, Optional<Target> target) {
    return target
        .filter(_ -> basis.rank() > 0)
        .map(t -> Score.of(basis, t, nulls))
        .orElse(Score.NONE);
  }

  /** Share of each sample within the basis. */
  private static double[] promptShares(Basis basis, DenseMatrix samples) {
    double[] whole = samples.rowSquares();
    double[] shares =
        basis.rank() == 0
            ? new double[whole.length]
            : samples.timesTransposed(basis.rows()).rowSquares();
    for (int i = 0; i < shares.length; i++) {
      shares[i] /= whole[i] + Target.FLOOR;
    }
    return shares;
  }

  /** What the columns that the published procedure adds arbitrarily could lead to. */
  private Optional<LayerRow.PublishedRange> publishedRange(Built built) {
    int extra = built.publishedColumns() - built.basis().rank();
    return extra <= 0
        ? Optional.empty()
        : Optional.of(
            new LayerRow.PublishedRange(
                activation.map(t -> range(built.basis(), t, extra)),
                combined.map(t -> range(built.basis(), t, extra))));
  }

  /** Least and most that {@code extra} further directions add, by the spectrum of what is left. */
  private static LayerRow.Range range(Basis basis, Target target, int extra) {
    double within = target.matrix().within(basis);
    double scale = (double) target.ambient() / (basis.rank() + extra);
    return new LayerRow.Range(
        scale * (within + target.least(basis, extra)),
        scale * (within + target.most(basis, extra)));
  }

  /** What there is to be explained in the weights. */
  List<TargetRow> weightRows(int width) {
    List<TargetRow> rows = new ArrayList<>();
    output.ifPresent(target -> rows.add(row("oproj", target, width)));
    down.ifPresent(target -> rows.add(row("downproj", target, width)));
    combined.ifPresent(target -> rows.add(row("combined", target, width)));
    return rows;
  }

  private TargetRow row(String name, Target target, int width) {
    return new TargetRow(
        layer, name, target.participationRank(), target.stableRank(), target.oracle(width));
  }

  /** What there is to be explained in the activations. */
  Optional<LabelRow> labelRow(int width) {
    return activation.map(target ->
        new LabelRow(
            layer,
            1 / target.squaredNorm(),
            target.leading()[0],
            meanShare(samples.orElseThrow()),
            target.oracle(width)));
  }

  /** Squared length of the mean of samples of length 1. */
  private static double meanShare(DenseMatrix samples) {
    double share = 0;
    for (double mean : samples.normalisedRows().columnMeans()) {
      share += mean * mean;
    }
    return share;
  }
}
