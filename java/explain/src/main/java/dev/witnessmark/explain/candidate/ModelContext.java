package dev.witnessmark.explain.candidate;

import dev.witnessmark.explain.algebra.Basis;
import dev.witnessmark.explain.algebra.DenseMatrix;
import dev.witnessmark.explain.algebra.EigenPairs;
import dev.witnessmark.explain.algebra.SymmetricEigen;
import dev.witnessmark.explain.algebra.SymmetricMatrix;
import dev.witnessmark.explain.source.CaptureTensor;
import dev.witnessmark.explain.source.Captures;
import dev.witnessmark.explain.source.GramStore;
import dev.witnessmark.explain.source.HeadLayout;
import dev.witnessmark.explain.source.ModelMatrices;
import dev.witnessmark.explain.source.StoredBlocks;
import dev.witnessmark.model.Role;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What the candidates of all layers share: sums over the whole model, and the candidates that are
 * the same in every layer, each made once.
 */
public final class ModelContext {

  private final ModelMatrices model;
  private final GramStore grams;
  private final Optional<Captures> captures;
  private final Widths widths;
  private final OptionalInt sinkToken;
  private final Optional<SymmetricMatrix> unembedding;
  private final Optional<SymmetricMatrix> readers;
  private final Optional<SymmetricMatrix> writers;
  private final Map<Candidate, Built> everywhere = new EnumMap<>(Candidate.class);
  private @Nullable EigenPairs unembeddingTop;
  private @Nullable EigenPairs readTop;
  private @Nullable MagnitudeFeatures magnitudes;

  /**
   * How wide subspaces are, and which heads they expand.
   *
   * @param candidate directions of a candidate
   * @param broad directions of what is projected away
   * @param headwise whether heads, not rows, of keys and values are repeated where candidates are
   *     made of others
   */
  public record Widths(int candidate, int broad, boolean headwise) {}

  private ModelContext(
      ModelMatrices model,
      GramStore grams,
      Optional<Captures> captures,
      Widths widths,
      OptionalInt sinkToken,
      Optional<SymmetricMatrix> unembedding,
      Optional<SymmetricMatrix> readers,
      Optional<SymmetricMatrix> writers) {
    this.model = model;
    this.grams = grams;
    this.captures = captures;
    this.widths = widths;
    this.sinkToken = sinkToken;
    this.unembedding = unembedding;
    this.readers = readers;
    this.writers = writers;
  }

  /**
   * The first pass over all layers: sums of Gram matrices, last layer last.
   *
   * @param widths the broad one is below the model's width
   */
  public static ModelContext of(
      ModelMatrices model,
      GramStore grams,
      Optional<Captures> captures,
      Widths widths,
      OptionalInt sinkToken)
      throws IOException {
    return new ModelContext(
        model,
        grams,
        captures,
        widths,
        sinkToken,
        grams.unembedding(),
        sum(model, grams, model.readers()),
        sum(model, grams, ModelMatrices.WRITERS));
  }

  /** Sum over the Gram matrices of {@code roles} in all layers, empty if one is missing. */
  private static Optional<SymmetricMatrix> sum(
      ModelMatrices model, GramStore grams, List<Role> roles) throws IOException {
    for (int layer = 0; layer < model.layers(); layer++) {
      for (Role role : roles) {
        if (model.at(role, layer).isEmpty()) {
          return Optional.empty();
        }
      }
    }
    SymmetricMatrix sum = SymmetricMatrix.zeros(model.width());
    for (int layer = 0; layer < model.layers(); layer++) {
      for (Role role : roles) {
        sum = sum.plus(grams.gram(role, layer).orElseThrow());
      }
    }
    return Optional.of(sum);
  }

  public ModelMatrices model() {
    return model;
  }

  GramStore grams() {
    return grams;
  }

  Widths widths() {
    return widths;
  }

  OptionalInt sinkToken() {
    return sinkToken;
  }

  /** Gram matrix of the columns of the unembedding, empty if there is none. */
  public Optional<SymmetricMatrix> unembedding() {
    return unembedding;
  }

  Optional<SymmetricMatrix> readers() {
    return readers;
  }

  Optional<SymmetricMatrix> writers() {
    return writers;
  }

  boolean has(CaptureTensor... tensors) {
    return captures.isPresent() && captures.get().tensors().containsAll(List.of(tensors));
  }

  DenseMatrix states(CaptureTensor tensor, int layer) throws IOException {
    return captures.orElseThrow().layer(tensor, layer);
  }

  /** One matrix per layer. */
  List<DenseMatrix> states(CaptureTensor tensor) throws IOException {
    List<DenseMatrix> layers = new ArrayList<>();
    for (int layer = 0; layer < model.layers(); layer++) {
      layers.add(states(tensor, layer));
    }
    return layers;
  }

  /** The built one of a candidate that is the same in all layers. */
  Built once(Candidate candidate, LayerContext layer) throws IOException {
    Built built = everywhere.get(candidate);
    if (built == null) {
      built = candidate.construct(layer);
      everywhere.put(candidate, built);
    }
    return built;
  }

  EigenPairs unembeddingTop() {
    if (unembeddingTop == null) {
      unembeddingTop = SymmetricEigen.largest(unembedding.orElseThrow(), widths.broad() + 1);
    }
    return unembeddingTop;
  }

  /** Of the sum of all readers and the unembedding. */
  EigenPairs readTop() {
    if (readTop == null) {
      readTop =
          SymmetricEigen.largest(
              readers.orElseThrow().plus(unembedding.orElseThrow()), widths.broad() + 1);
    }
    return readTop;
  }

  /** What the unembedding reads, broadly. */
  Basis unembeddingRead() {
    return unembeddingTop().leading(widths.broad());
  }

  /** What all readers and the unembedding read, broadly. */
  Basis globalRead() {
    return readTop().leading(widths.broad());
  }

  MagnitudeFeatures magnitudes() throws IOException {
    if (magnitudes == null) {
      magnitudes = MagnitudeFeatures.of(states(CaptureTensor.CLEAN_FIT));
    }
    return magnitudes;
  }

  /** The heads of {@code layer}, empty if its projections are not whole heads of one size. */
  Optional<HeadLayout> heads(int layer) {
    Optional<StoredBlocks> query = model.at(Role.ATTENTION_Q, layer);
    Optional<StoredBlocks> key = model.at(Role.ATTENTION_K, layer);
    Optional<StoredBlocks> value = model.at(Role.ATTENTION_V, layer);
    Optional<StoredBlocks> output = model.at(Role.ATTENTION_OUTPUT, layer);
    int heads = model.heads();
    int keyValueHeads = model.keyValueHeads();
    if (heads == 0
        || keyValueHeads == 0
        || heads % keyValueHeads != 0
        || query.isEmpty()
        || query.get().rows() % heads != 0) {
      return Optional.empty();
    }
    int size = query.get().rows() / heads;
    boolean fits =
        key.map(k -> k.rows() == keyValueHeads * size).orElse(true)
            && value.map(v -> v.rows() == keyValueHeads * size).orElse(true)
            && output.map(o -> o.columns() == query.get().rows()).orElse(true);
    return fits ? Optional.of(new HeadLayout(heads, keyValueHeads, size)) : Optional.empty();
  }
}
