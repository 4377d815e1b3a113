package dev.witnessmark.explain;

import dev.witnessmark.explain.DeltaRow.Usability;
import dev.witnessmark.explain.algebra.Basis;
import dev.witnessmark.explain.algebra.EigenPairs;
import dev.witnessmark.explain.algebra.SymmetricEigen;
import dev.witnessmark.explain.algebra.SymmetricMatrix;
import dev.witnessmark.explain.source.DeltaSize;
import dev.witnessmark.explain.source.GramStore;
import dev.witnessmark.explain.source.ModelMatrices;
import dev.witnessmark.explain.source.Products;
import dev.witnessmark.explain.source.TensorDelta;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Deltas by their singular values, and against those of the matrices that they change. */
final class DeltaDescriptions {

  private final GramStore grams;
  private final boolean withSpectra;
  private final Optional<Basis> weak;
  private final int weakFrame;
  private final List<DeltaRow> rows = new ArrayList<>();
  private final List<SpectrumRow> spectra = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  private DeltaDescriptions(
      GramStore grams, boolean withSpectra, Optional<Basis> weak, int weakFrame) {
    this.grams = grams;
    this.withSpectra = withSpectra;
    this.weak = weak;
    this.weakFrame = weakFrame;
  }

  /**
   * No descriptions yet.
   *
   * @param withSpectra whether deltas are held against the matrices that they change
   * @param unembedding Gram matrix of the columns of the unembedding
   */
  static DeltaDescriptions of(
      ModelMatrices model,
      GramStore grams,
      boolean withSpectra,
      Optional<SymmetricMatrix> unembedding) {
    int frame = model.unembedding().map(u -> Math.min(u.rows(), u.columns())).orElse(0);
    Optional<Basis> weak =
        unembedding
            .filter(_ -> withSpectra)
            .map(gram ->
                new Basis(
                    SymmetricEigen.smallest(gram, Spectrum.weak(frame)).vectors(), Double.NaN));
    return new DeltaDescriptions(grams, withSpectra, weak, frame);
  }

  /**
   * Describes one delta.
   *
   * @param ofRows its Gram matrix of rows where that is there already
   */
  void add(Change change, Optional<SymmetricMatrix> ofRows) throws IOException {
    TensorDelta delta = change.delta();
    int frame = Math.min(delta.base().rows(), delta.base().columns());
    if (frame > ModelMatrices.WIDEST) {
      notes.add("%s: too wide to be described".formatted(delta.name()));
      return;
    }
    SymmetricMatrix gram =
        delta.isWide() && ofRows.isPresent() ? ofRows.get() : delta.smallerGram();
    rows.add(row(delta, change.size(), gram));
    if (withSpectra) {
      spectra.add(Spectrum.of(delta, before(delta), gram, weak, weakFrame));
    }
  }

  /** Gram matrix of the shorter side of the matrix that a delta changes. */
  private SymmetricMatrix before(TensorDelta delta) throws IOException {
    boolean kept =
        delta.isWriter()
            ? delta.isWide()
            : ModelMatrices.READERS.contains(delta.place().role()) && !delta.isWide();
    if (kept) {
      return grams.gram(delta.place().role(), delta.place().layer()).orElseThrow();
    }
    return delta.isWide()
        ? Products.gramOfRows(delta.base())
        : Products.gramOfColumns(delta.base());
  }

  private static DeltaRow row(TensorDelta delta, DeltaSize size, SymmetricMatrix gram) {
    EigenPairs largest = SymmetricEigen.largest(gram, DeltaRow.LISTED);
    double[] values = largest.singularValues();
    double trace = gram.trace();
    double share = size.roundingShare();
    int rows = delta.base().rows();
    int columns = delta.base().columns();
    double edge = Math.max(size.noiseEdge(), EigenPairs.GRAM_TOLERANCE * values[0]);
    int distinct = 0;
    while (distinct < values.length && values[distinct] > edge) {
      distinct++;
    }
    return new DeltaRow(
        delta.place(),
        delta.name(),
        delta.storage(),
        rows,
        columns,
        Math.sqrt(size.energy()),
        size.relative(),
        trace * trace / gram.squaredNorm(),
        trace / largest.values()[0],
        values,
        share,
        distinct,
        Usability.of(delta.isQuantised(), share));
  }

  /** The deltas, layer by layer. */
  List<DeltaRow> rows() {
    return rows.stream().sorted(Comparator.comparingInt(row -> row.place().layer())).toList();
  }

  /** The same against the matrices that they change, layer by layer. */
  List<SpectrumRow> spectra() {
    return spectra.stream().sorted(Comparator.comparingInt(row -> row.place().layer())).toList();
  }

  /** What was left out, and why. */
  List<String> notes() {
    return List.copyOf(notes);
  }
}
