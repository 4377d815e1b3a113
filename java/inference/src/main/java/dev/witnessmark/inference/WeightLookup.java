package dev.witnessmark.inference;

import dev.witnessmark.format.ByteOrderSwap;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.kernels.operation.TopK;
import dev.witnessmark.model.IdentifiedTensor;
import dev.witnessmark.model.ModelDescription;
import dev.witnessmark.model.Role;
import dev.witnessmark.model.TensorIdentity;
import dev.witnessmark.model.transformer.Hyperparameters;
import dev.witnessmark.model.transformer.SparseLayers;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the tensors of a forward pass by what they are, and holds their shapes against the
 * hyperparameters. A tensor that the pass has no use for is refused: whoever trained it meant it to
 * be used.
 */
final class WeightLookup {

  private static final String BIAS = "bias";

  /** A buffer that some checkpoints carry and nothing reads. */
  private static final String INVERSE_FREQUENCIES = "rotary_emb.inv_freq";

  private final String file;
  private final Hyperparameters model;
  private final Map<TensorIdentity, IdentifiedTensor> byIdentity = new HashMap<>();
  private final Set<Role> biased = EnumSet.noneOf(Role.class);
  private final Set<IdentifiedTensor> unused = new LinkedHashSet<>();

  private WeightLookup(String file, Hyperparameters model, ModelDescription description)
      throws Refusal {
    this.file = file;
    this.model = model;
    for (IdentifiedTensor tensor : description.tensors()) {
      TensorIdentity identity = tensor.identity();
      if (byIdentity.putIfAbsent(identity, tensor) != null) {
        throw new Refusal.Duplicate(
            file,
            tensor.view().name(),
            tensor.view().offset(),
            "another tensor is " + identity.label() + " too");
      }
      if (identity.part().equals(BIAS) && !tensor.guessed()) {
        biased.add(identity.role());
      }
      // Rotary factors are part of the hyperparameters.
      boolean elsewhere = identity.role() == Role.ROTARY_FACTORS && !identity.part().equals(BIAS);
      if (!elsewhere && !tensor.view().name().endsWith(INVERSE_FREQUENCIES)) {
        unused.add(tensor);
      }
    }
  }

  /**
   * Finds all weights.
   *
   * @throws Refusal if one is missing, has another shape, or is not used
   */
  static Weights find(String file, Hyperparameters model, ModelDescription description)
      throws Refusal {
    return new WeightLookup(file, model, description).find();
  }

  private Weights find() throws Refusal {
    int none = TensorIdentity.NONE;
    Matrix embedding = matrix(Role.TOKEN_EMBEDDING, none, none, model.vocabulary(), model.hidden());
    List<LayerWeights> layers = new ArrayList<>();
    for (int layer = 0; layer < model.layers(); layer++) {
      layers.add(layer(layer));
    }
    Matrix norm = vector(Role.OUTPUT_NORM, none, model.hidden());
    Projection head =
        model.tiedHead()
            ? new Projection(embedding, Optional.empty())
            : projection(Role.HEAD, none, none, model.vocabulary(), model.hidden());
    for (IdentifiedTensor tensor : unused) {
      throw new Refusal.Unsupported(
          file,
          tensor.view().name(),
          tensor.view().offset(),
          "the forward pass of %s with %d layers has no use for it (%s)"
              .formatted(model.architecture(), model.layers(), tensor.identity().label()));
    }
    return new Weights(embedding, layers, norm, head);
  }

  private LayerWeights layer(int layer) throws Refusal {
    int none = TensorIdentity.NONE;
    int hidden = model.hidden();
    boolean norms = model.headNorms();
    return new LayerWeights(
        vector(Role.ATTENTION_NORM, layer, hidden),
        projection(Role.ATTENTION_Q, layer, none, model.queryElements(), hidden),
        projection(Role.ATTENTION_K, layer, none, model.keyElements(), hidden),
        projection(Role.ATTENTION_V, layer, none, model.keyElements(), hidden),
        norms
            ? Optional.of(vector(Role.ATTENTION_Q_NORM, layer, model.headSize()))
            : Optional.empty(),
        norms
            ? Optional.of(vector(Role.ATTENTION_K_NORM, layer, model.headSize()))
            : Optional.empty(),
        projection(Role.ATTENTION_OUTPUT, layer, none, hidden, model.queryElements()),
        vector(Role.FFN_NORM, layer, hidden),
        model.isSparse(layer)
            ? mixture(layer, model.sparse().orElseThrow())
            : new LayerWeights.Dense(
                projection(Role.FFN_GATE, layer, none, model.intermediate(), hidden),
                projection(Role.FFN_UP, layer, none, model.intermediate(), hidden),
                projection(Role.FFN_DOWN, layer, none, hidden, model.intermediate())));
  }

  private LayerWeights.Mixture mixture(int layer, SparseLayers sparse) throws Refusal {
    if (sparse.used() > TopK.MOST) {
      throw new Refusal.LimitExceeded(
          file, "router", -1, "the number of experts of a token", sparse.used(), TopK.MOST);
    }
    int hidden = model.hidden();
    int width = sparse.intermediate();
    List<LayerWeights.Dense> experts = new ArrayList<>();
    for (int expert = 0; expert < sparse.experts(); expert++) {
      experts.add(
          new LayerWeights.Dense(
              projection(Role.EXPERT_GATE, layer, expert, width, hidden),
              projection(Role.EXPERT_UP, layer, expert, width, hidden),
              projection(Role.EXPERT_DOWN, layer, expert, hidden, width)));
    }
    return new LayerWeights.Mixture(
        projection(Role.ROUTER, layer, TensorIdentity.NONE, sparse.experts(), hidden), experts);
  }

  private Projection projection(Role role, int layer, int expert, int rows, int columns)
      throws Refusal {
    Matrix matrix = matrix(role, layer, expert, rows, columns);
    TensorIdentity identity = new TensorIdentity(role, layer, expert, BIAS, "");
    IdentifiedTensor bias = byIdentity.get(identity);
    if (bias == null && biased.contains(role)) {
      throw new Refusal.MissingPart(
          file, identity.label(), "others of its kind have a bias; [%d]".formatted(rows));
    }
    return new Projection(
        matrix, bias == null ? Optional.empty() : Optional.of(found(bias, 0, 1, rows)));
  }

  private Matrix vector(Role role, int layer, int elements) throws Refusal {
    return matrix(role, layer, TensorIdentity.NONE, 1, elements);
  }

  private Matrix matrix(Role role, int layer, int expert, int rows, int columns) throws Refusal {
    TensorIdentity identity = new TensorIdentity(role, layer, expert, "weight", "");
    IdentifiedTensor own = byIdentity.get(identity);
    if (own != null) {
      return found(own, 0, rows, columns);
    }
    IdentifiedTensor stack =
        byIdentity.get(new TensorIdentity(role, layer, TensorIdentity.ALL, "weight", ""));
    if (expert >= 0 && stack != null) {
      return expertOf(stack, expert, rows, columns);
    }
    throw new Refusal.MissingPart(
        file,
        identity.label(),
        "the forward pass of %s needs it; [%d, %d]".formatted(model.architecture(), rows, columns));
  }

  private Matrix expertOf(IdentifiedTensor stack, int expert, int rows, int columns)
      throws Refusal {
    long experts = model.sparse().orElseThrow().experts();
    requireShape(stack, experts * rows, columns);
    long each = stack.view().type().bytes((long) rows * columns);
    return found(stack, expert * each, rows, columns);
  }

  private Matrix found(IdentifiedTensor tensor, long at, int rows, int columns) throws Refusal {
    if (at == 0 && tensor.identity().expert() != TensorIdentity.ALL) {
      requireShape(tensor, rows, columns);
    }
    TensorView view = tensor.view();
    boolean swapped = view.order() == ByteOrder.BIG_ENDIAN;
    if (tensor.layout().transposed() || (swapped && !ByteOrderSwap.defined(view.type()))) {
      throw unsupported(view, "is stored in an order that a product cannot read as it is");
    }
    if (view.affine() != null || view.type().family() == TensorType.Family.INTEGER) {
      throw unsupported(view, view.type() + " holds no weights that a product can read");
    }
    unused.remove(tensor);
    String part =
        tensor.identity().expert() == TensorIdentity.ALL
            ? "[%d]".formatted(at / view.type().bytes((long) rows * columns))
            : "";
    return new Matrix(view.name() + part, tensor.identity().role(), view, at, rows, columns);
  }

  private void requireShape(IdentifiedTensor tensor, long rows, long columns) throws Refusal {
    TensorView view = tensor.view();
    if (view.shape().columns() != columns) {
      throw new Refusal.Inconsistent(
          file, view.name(), view.offset(), "its columns", view.shape().columns(), columns);
    }
    if (view.shape().rows() != rows) {
      throw new Refusal.Inconsistent(
          file, view.name(), view.offset(), "its rows", view.shape().rows(), rows);
    }
  }

  private Refusal unsupported(TensorView view, String detail) {
    return new Refusal.Unsupported(file, view.name(), view.offset(), detail);
  }
}
