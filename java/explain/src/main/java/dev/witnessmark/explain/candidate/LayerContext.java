package dev.witnessmark.explain.candidate;

import dev.witnessmark.explain.algebra.Basis;
import dev.witnessmark.explain.algebra.Bisector;
import dev.witnessmark.explain.algebra.DenseMatrix;
import dev.witnessmark.explain.algebra.GramSchmidt;
import dev.witnessmark.explain.algebra.KMeans;
import dev.witnessmark.explain.algebra.PrincipalComponents;
import dev.witnessmark.explain.algebra.RotationPlanes;
import dev.witnessmark.explain.algebra.SymmetricEigen;
import dev.witnessmark.explain.algebra.SymmetricMatrix;
import dev.witnessmark.explain.source.Blocks;
import dev.witnessmark.explain.source.CaptureTensor;
import dev.witnessmark.explain.source.HeadLayout;
import dev.witnessmark.explain.source.Products;
import dev.witnessmark.explain.source.StoredBlocks;
import dev.witnessmark.model.Role;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the candidates of one layer are made of. What a method gives is there if the {@link Need}s
 * of the candidate that calls it are.
 */
public final class LayerContext {

  private final ModelContext model;
  private final int layer;
  private final Optional<SymmetricMatrix> downstream;
  private final Optional<SymmetricMatrix> delta;
  private final Map<Candidate, Built> built = new EnumMap<>(Candidate.class);

  /**
   * @param downstream Gram matrices of the unembedding and of all readers of later layers, summed;
   *     empty if one is missing
   * @param delta Gram matrices of the deltas of what writes here, summed; empty if there are none
   */
  public LayerContext(
      ModelContext model,
      int layer,
      Optional<SymmetricMatrix> downstream,
      Optional<SymmetricMatrix> delta) {
    this.model = model;
    this.layer = layer;
    this.downstream = downstream;
    this.delta = delta;
  }

  /** Whether something that a candidate may need is there. */
  public boolean has(Need need) {
    return switch (need) {
      case UNEMBEDDING -> model.unembedding().isPresent();
      case QUERY -> has(Role.ATTENTION_Q);
      case KEY -> has(Role.ATTENTION_K);
      case VALUE -> has(Role.ATTENTION_V);
      case OUTPUT -> has(Role.ATTENTION_OUTPUT);
      case GATE -> has(Role.FFN_GATE);
      case UP -> has(Role.FFN_UP);
      case DOWN -> has(Role.FFN_DOWN);
      case READERS -> model.model().readers().stream().allMatch(this::has);
      case ALL_READERS -> model.readers().isPresent();
      case ALL_WRITERS -> model.writers().isPresent();
      case LATER_READERS -> downstream.isPresent();
      case HEADS -> model.heads(layer).isPresent();
      case SINK_TOKEN -> model.sinkToken().isPresent();
      case CLEAN_STATES -> model.has(CaptureTensor.CLEAN_FIT);
      case PERSONA_STATES ->
          model.has(CaptureTensor.PERSONA_POSITIVE_FIT, CaptureTensor.PERSONA_NEGATIVE_FIT);
      case CLEAN_UP_INPUTS -> model.has(CaptureTensor.UP_INPUT_CLEAN_FIT);
      case PERSONA_UP_INPUTS ->
          model.has(CaptureTensor.UP_INPUT_POSITIVE_FIT, CaptureTensor.UP_INPUT_NEGATIVE_FIT);
      case TOKENS ->
          model.has(
              CaptureTensor.TOKENS_POSITIVE_FIT,
              CaptureTensor.TOKENS_NEGATIVE_FIT,
              CaptureTensor.ATTENTION_POSITIVE_FIT,
              CaptureTensor.ATTENTION_NEGATIVE_FIT);
      case FIT_LABEL -> model.has(CaptureTensor.LABEL_FIT);
      case EVALUATION_LABEL -> model.has(CaptureTensor.LABEL_EVAL);
      case BLOCK_LABEL -> model.has(CaptureTensor.BLOCK_LABEL_EVAL);
      case DELTA -> delta.isPresent();
    };
  }

  private boolean has(Role role) {
    return model.model().at(role, layer).isPresent();
  }

  /** What {@code candidate} needs and is not here. */
  public List<Need> missing(Candidate candidate) {
    return candidate.needs().stream().filter(need -> !has(need)).toList();
  }

  /**
   * Makes a candidate, once.
   *
   * @throws IOException if a tensor cannot be read or holds what no subspace can be made of
   */
  public Built built(Candidate candidate) throws IOException {
    if (candidate.isEverywhere()) {
      return model.once(candidate, this);
    }
    Built ready = built.get(candidate);
    if (ready == null) {
      ready = candidate.construct(this);
      built.put(candidate, ready);
    }
    return ready;
  }

  ModelContext model() {
    return model;
  }

  private int pcs() {
    return model.widths().candidate();
  }

  private int width() {
    return model.model().width();
  }

  private SymmetricMatrix gram(Role role) throws IOException {
    return model.grams().gram(role, layer).orElseThrow();
  }

  private StoredBlocks weights(Role role) {
    return model.model().at(role, layer).orElseThrow();
  }

  /** {@code [W_o | W_down]·[W_o | W_down]ᵀ}. */
  private SymmetricMatrix writers() throws IOException {
    return gram(Role.ATTENTION_OUTPUT).plus(gram(Role.FFN_DOWN));
  }

  /** The leading directions of what is written, {@code forbidden} taken off before. */
  Built writersWithout(Basis forbidden) throws IOException {
    return leading(writers().without(forbidden));
  }

  Built writersOfBlock() throws IOException {
    return leading(writers());
  }

  /** The leading directions of a Gram matrix. */
  Built leading(SymmetricMatrix gram) {
    return new Built(SymmetricEigen.leading(gram, pcs()), Math.min(pcs(), width()));
  }

  /** The leading directions of the sum of Gram matrices. */
  Built leading(Role first, Role... more) throws IOException {
    SymmetricMatrix sum = gram(first);
    for (Role role : more) {
      sum = sum.plus(gram(role));
    }
    return leading(sum);
  }

  /** The leading directions of all readers of the block. */
  Built readersOfBlock() throws IOException {
    List<Role> readers = model.model().readers();
    return leading(readers.getFirst(), readers.subList(1, readers.size()).toArray(Role[]::new));
  }

  /** The leading directions of what all blocks write, {@code forbidden} taken off before. */
  Built allWritersWithout(Basis forbidden) {
    return leading(model.writers().orElseThrow().without(forbidden));
  }

  /** The directions that the unembedding reads least. */
  Built leastUnembedded() {
    SymmetricMatrix gram = model.unembedding().orElseThrow();
    var smallest = SymmetricEigen.smallest(gram, pcs() + 1);
    double[] values = smallest.singularValues();
    int kept = Math.min(pcs(), values.length);
    double next = values.length > kept ? values[kept] : Double.NaN;
    // Squares are rounded to a share of the largest: below it, an order is chance.
    double rounding = width() * Math.ulp(gram.trace());
    boolean told =
        values.length <= kept || next * next - values[kept - 1] * values[kept - 1] > rounding;
    return new Built(
        new Basis(smallest.vectors().rows(0, kept), told ? (next - values[kept - 1]) / next : 0),
        kept);
  }

  /** What the unembedding and all later blocks read, broadly. */
  Basis downstreamRead() {
    return SymmetricEigen.leading(downstream.orElseThrow(), model.widths().broad());
  }

  private int[] expansion(boolean headwise) {
    HeadLayout heads = model.heads(layer).orElseThrow();
    return headwise ? heads.headwise() : heads.rowwise();
  }

  /** Left singular vectors of {@code W_o · expanded W_v}: what values write. */
  Built outputValue(boolean headwise) throws IOException {
    Blocks expanded = new Blocks.ChosenRows(weights(Role.ATTENTION_V), expansion(headwise));
    return left(Products.product(weights(Role.ATTENTION_OUTPUT), expanded));
  }

  /** Left singular vectors of {@code W_qᵀ · expanded W_k}: where queries look, heads summed. */
  Built queryKey(boolean headwise) throws IOException {
    Blocks expanded = new Blocks.ChosenRows(weights(Role.ATTENTION_K), expansion(headwise));
    return left(Products.transposedProduct(weights(Role.ATTENTION_Q), expanded));
  }

  /** Left singular vectors of {@code W_down · W_up}. */
  Built roundtrip() throws IOException {
    return left(Products.product(weights(Role.FFN_DOWN), weights(Role.FFN_UP)));
  }

  private Built left(DenseMatrix matrix) {
    return leading(SymmetricMatrix.gramOfRows(matrix));
  }

  private GatedMlp mlp() {
    return new GatedMlp(weights(Role.FFN_GATE), weights(Role.FFN_UP), weights(Role.FFN_DOWN));
  }

  /** Left singular vectors of {@code W_down · diag(mean gate) · W_up}. */
  Built gateKernel() throws IOException {
    GatedMlp mlp = mlp();
    return left(mlp.kernel(mlp.meanGate(states(CaptureTensor.UP_INPUT_CLEAN_FIT))));
  }

  /** What each head writes if it attends to the sink token alone. */
  Built attentionSink() throws IOException {
    HeadLayout heads = model.heads(layer).orElseThrow();
    StoredBlocks embedding = model.model().embedding().orElseThrow();
    DenseMatrix token = embedding.block(model.sinkToken().orElseThrow(), 1, 0, embedding.columns());
    DenseMatrix values = Products.timesTransposed(token, weights(Role.ATTENTION_V));
    int width = heads.heads() * heads.size();
    DenseMatrix perHead = DenseMatrix.zeros(heads.heads(), width);
    for (int head = 0; head < heads.heads(); head++) {
      System.arraycopy(
          values.values(),
          heads.keyValueHead(head) * heads.size(),
          perHead.values(),
          head * width + head * heads.size(),
          heads.size());
    }
    return components(Products.timesTransposed(perHead, weights(Role.ATTENTION_OUTPUT)));
  }

  /** What is written, without what the block and the unembedding read. */
  Built isolated() throws IOException {
    return writersWithout(
        GramSchmidt.union(
            built(Candidate.INPUT_SUPER).basis(),
            built(Candidate.KV_SUPER).basis(),
            model.unembeddingRead()));
  }

  /** What the block reads and the unembedding does not. */
  Built readNotUnembedded() throws IOException {
    Built input = built(Candidate.INPUT_SUPER);
    Basis rest = GramSchmidt.projectAway(input.basis(), model.unembeddingRead()).first(pcs());
    return new Built(new Basis(rest.rows(), input.basis().boundaryGap()), input.publishedColumns());
  }

  DenseMatrix states(CaptureTensor tensor) throws IOException {
    return model.states(tensor, layer);
  }

  /** Principal components of samples. */
  Built components(DenseMatrix samples) {
    return new Built(PrincipalComponents.centred(samples, pcs()), columns(samples));
  }

  /** Principal directions of samples about the origin. */
  Built uncentred(DenseMatrix samples) {
    return new Built(PrincipalComponents.uncentred(samples, pcs()), columns(samples));
  }

  private int columns(DenseMatrix samples) {
    return samples.rows() <= 1 ? 0 : Math.min(pcs(), Math.min(samples.rows(), samples.columns()));
  }

  /** States pooled over prompts and layers. */
  DenseMatrix pooled(CaptureTensor tensor) throws IOException {
    return DenseMatrix.stack(model.states(tensor));
  }

  /** One tensor minus another. */
  DenseMatrix difference(CaptureTensor plus, CaptureTensor minus) throws IOException {
    return states(plus).minus(states(minus));
  }

  /** The difference of both personas. */
  DenseMatrix personaContrast() throws IOException {
    return difference(CaptureTensor.PERSONA_POSITIVE_FIT, CaptureTensor.PERSONA_NEGATIVE_FIT);
  }

  /** The difference of what goes into the up projection. */
  DenseMatrix upContrast() throws IOException {
    return difference(CaptureTensor.UP_INPUT_POSITIVE_FIT, CaptureTensor.UP_INPUT_NEGATIVE_FIT);
  }

  /** {@link #upContrast} through the MLP without its gate. */
  DenseMatrix upContrastWritten() throws IOException {
    return Products.timesTransposed(
        Products.timesTransposed(upContrast(), weights(Role.FFN_UP)), weights(Role.FFN_DOWN));
  }

  /** What the MLP writes for plain prompts. */
  DenseMatrix gatedWrites() throws IOException {
    return mlp().written(states(CaptureTensor.UP_INPUT_CLEAN_FIT));
  }

  /** Tokens of both personas, weighted by attention. */
  Built tokenContrast(TokenContrast.Weighting weighting) throws IOException {
    TokenContrast contrast =
        TokenContrast.of(
            states(CaptureTensor.TOKENS_POSITIVE_FIT),
            states(CaptureTensor.TOKENS_NEGATIVE_FIT),
            states(CaptureTensor.ATTENTION_POSITIVE_FIT),
            states(CaptureTensor.ATTENTION_NEGATIVE_FIT));
    return components(contrast.weighted(weighting));
  }

  /** Directions between the clusters of plain and persona states. */
  Built clusters() throws IOException {
    DenseMatrix all =
        DenseMatrix.stack(
            List.of(
                states(CaptureTensor.CLEAN_FIT),
                states(CaptureTensor.PERSONA_POSITIVE_FIT),
                states(CaptureTensor.PERSONA_NEGATIVE_FIT)));
    KMeans clusters = KMeans.of(all, Math.min(pcs(), all.rows()));
    return new Built(clusters.basis(pcs()), columns(clusters.centres()));
  }

  /** Change of plain states to the next layer; zero after the last. */
  DenseMatrix churn() throws IOException {
    DenseMatrix here = states(CaptureTensor.CLEAN_FIT);
    int next = Math.min(layer + 1, model.model().layers() - 1);
    return model.states(CaptureTensor.CLEAN_FIT, next).minus(here);
  }

  /** Planes in which the positive persona is turned against the negative one. */
  Built rotation() throws IOException {
    RotationPlanes planes =
        RotationPlanes.between(
            states(CaptureTensor.PERSONA_NEGATIVE_FIT),
            states(CaptureTensor.PERSONA_POSITIVE_FIT),
            pcs());
    return new Built(planes.basis(), pcs());
  }

  /** Directions between the query-key circuit and the clusters. */
  Built queryKeyAndClusters() throws IOException {
    Candidate circuit =
        model.widths().headwise() ? Candidate.QK_CIRCUIT_HEADWISE : Candidate.QK_CIRCUIT;
    Built clusters = built(Candidate.CHARS_CLUSTERS);
    Bisector bisector = Bisector.between(built(circuit).basis(), clusters.basis(), pcs());
    return new Built(bisector.basis(), clusters.publishedColumns(), bisector.cosines());
  }

  /** The sum of two candidates. */
  Built union(Candidate first, Candidate second) throws IOException {
    Built a = built(first);
    Built b = built(second);
    return new Built(
        GramSchmidt.union(a.basis(), b.basis()), a.publishedColumns() + b.publishedColumns());
  }

  /** The directions that the deltas write most into. */
  Built deltaWrites() {
    return leading(delta.orElseThrow());
  }

  /** The directions that hold most of samples that all count the same, about the origin. */
  Built oracle(CaptureTensor tensor) throws IOException {
    return uncentred(states(tensor).normalisedRows());
  }
}
