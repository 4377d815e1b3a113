package dev.witnessmark.inference;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Where a model's weights are. Nothing is loaded.
 *
 * @param embedding {@code [vocabulary, hidden]}
 * @param layers the blocks in order
 * @param outputNorm of the hidden state after the last block
 * @param head {@code [vocabulary, hidden]}; the embedding where they are tied
 */
public record Weights(
    Matrix embedding, List<LayerWeights> layers, Matrix outputNorm, Projection head) {

  public Weights {
    layers = List.copyOf(layers);
  }

  /** The matrices and vectors of layer {@code layer}, in the order of their use. */
  public List<Matrix> ofLayer(int layer) {
    LayerWeights w = layers.get(layer);
    List<Matrix> all = new ArrayList<>();
    all.add(w.attentionNorm());
    Stream.of(w.query(), w.key(), w.value()).forEach(p -> addTo(all, p));
    Stream.of(w.queryNorm(), w.keyNorm()).flatMap(Optional::stream).forEach(all::add);
    addTo(all, w.output());
    all.add(w.ffnNorm());
    switch (w.mlp()) {
      case LayerWeights.Dense dense -> addTo(all, dense);
      case LayerWeights.Mixture mixture -> {
        addTo(all, mixture.router());
        mixture.experts().forEach(expert -> addTo(all, expert));
      }
    }
    return all;
  }

  /** What belongs to no layer; the head only once where it is the embedding. */
  public List<Matrix> ofModel() {
    List<Matrix> all = new ArrayList<>(List.of(embedding, outputNorm));
    if (!head.matrix().equals(embedding)) {
      all.add(head.matrix());
    }
    head.bias().ifPresent(all::add);
    return all;
  }

  /** Every matrix that is multiplied by activations, in the order of their use. */
  public Stream<Matrix> products() {
    return Stream.concat(
            IntStream.range(0, layers.size()).mapToObj(this::ofLayer).flatMap(List::stream),
            Stream.of(head.matrix()))
        .filter(matrix -> matrix.rows() > 1);
  }

  /** Every matrix and vector. */
  public Stream<Matrix> all() {
    return Stream.concat(
        ofModel().stream(),
        IntStream.range(0, layers.size()).mapToObj(this::ofLayer).flatMap(List::stream));
  }

  private static void addTo(List<Matrix> all, LayerWeights.Dense dense) {
    Stream.of(dense.gate(), dense.up(), dense.down()).forEach(p -> addTo(all, p));
  }

  private static void addTo(List<Matrix> all, Projection projection) {
    all.add(projection.matrix());
    projection.bias().ifPresent(all::add);
  }
}
