package dev.witnessmark.model.transformer;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The named points of the forward pass, in its order: the one table from which captures, paths on
 * disk, documentation and tests are made. Names and order are those of the APRT trace folders that
 * other tools write.
 *
 * <p>A tensor of S tokens is the rows of the tokens one after the other; those of attention are
 * {@code [heads, S, S]} with 0 where a key is later than the query.
 */
public enum Stage {
  EMBEDDING(Scope.FIRST_LAYER, Size.HIDDEN, "token embeddings, before any norm"),
  ATTN_NORM(Scope.LAYER, Size.HIDDEN, "norm before attention"),
  QKV_MATMUL(Scope.LAYER, Size.QKV, "query, key and value projections of a token, before bias"),
  QKV_BIAS(Scope.LAYER, Size.QKV, "the same after bias, where there is one"),
  Q_POST_ROPE(Scope.LAYER, Size.QUERY, "queries after rotary embedding"),
  K_POST_ROPE(Scope.LAYER, Size.KEY, "keys after rotary embedding"),
  ATTN_SCORES(Scope.LAYER, Size.ATTENTION, "q·k/√d"),
  ATTN_SOFTMAX(Scope.LAYER, Size.ATTENTION, "probabilities"),
  ATTENTION(Scope.LAYER, Size.QUERY, "sum of values by probability, before the output projection"),
  ATTN_OUT(Scope.LAYER, Size.HIDDEN, "output projection, bias included"),
  POST_ATTN_RESIDUAL(Scope.LAYER, Size.HIDDEN, "hidden state plus attention"),
  FFN_NORM(Scope.LAYER, Size.HIDDEN, "norm before the MLP"),
  FFN_GATE(Scope.LAYER, Size.INTERMEDIATE, "gate projection"),
  FFN_UP(Scope.LAYER, Size.INTERMEDIATE, "up projection"),
  FFN_SILU(Scope.LAYER, Size.INTERMEDIATE, "g/(1 + e^−g) of the gate"),
  FFN_SWIGL(Scope.LAYER, Size.INTERMEDIATE, "silu(gate)·up"),
  FFN_OUT(Scope.LAYER, Size.HIDDEN, "down projection, bias included"),
  MOE_ROUTER_LOGITS(Scope.LAYER, Size.EXPERTS, "router projection"),
  MOE_ROUTER(Scope.LAYER, Size.EXPERTS_USED, "weights of the chosen experts, largest first"),
  MOE_ROUTER_INDICES(Scope.LAYER, Size.EXPERTS_USED, "numbers of the chosen experts"),
  MOE_FFN_OUT(Scope.LAYER, Size.HIDDEN, "weighted sum of the chosen experts"),
  POST_FFN_RESIDUAL(Scope.LAYER, Size.HIDDEN, "output of the layer"),
  FINAL_NORM(Scope.MODEL, Size.HIDDEN, "last norm, all tokens"),
  LM_HEAD(Scope.MODEL, Size.VOCABULARY, "logits of the last token");

  /** What other tools call {@link #POST_FFN_RESIDUAL} on their command lines. */
  private static final String LAYER_OUTPUT = "layer_output";

  /** How often a stage occurs. */
  public enum Scope {
    /** In layer 0 only. */
    FIRST_LAYER,
    /** In every layer. */
    LAYER,
    /** Once, in no layer. */
    MODEL
  }

  private enum Size {
    HIDDEN,
    QKV,
    QUERY,
    KEY,
    ATTENTION,
    INTERMEDIATE,
    EXPERTS,
    EXPERTS_USED,
    VOCABULARY
  }

  private final Scope scope;
  private final Size size;
  private final String meaning;

  Stage(Scope scope, Size size, String meaning) {
    this.scope = scope;
    this.size = size;
    this.meaning = meaning;
  }

  /** The name on disk and on the command line, for example {@code attn_norm}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  public Scope scope() {
    return scope;
  }

  /** What the tensor is, in a few words. */
  public String meaning() {
    return meaning;
  }

  /** The stage of this name, or of the alias {@code layer_output}; case is ignored. */
  public static Optional<Stage> of(String name) {
    String id = name.strip().toLowerCase(Locale.ROOT);
    for (Stage stage : values()) {
      if (stage.id().equals(id)) {
        return Optional.of(stage);
      }
    }
    return id.equals(LAYER_OUTPUT) ? Optional.of(POST_FFN_RESIDUAL) : Optional.empty();
  }

  /** Whether a model has it in layer {@code layer}, or at all where it belongs to no layer. */
  public boolean occursIn(Hyperparameters model, int layer) {
    boolean here =
        switch (this) {
          case QKV_BIAS -> model.qkvBias();
          case FFN_GATE, FFN_UP, FFN_SILU, FFN_SWIGL, FFN_OUT -> !model.isSparse(layer);
          case MOE_ROUTER_LOGITS, MOE_ROUTER, MOE_ROUTER_INDICES, MOE_FFN_OUT ->
              model.isSparse(layer);
          default -> true;
        };
    return switch (scope) {
      case FIRST_LAYER -> layer == 0;
      case LAYER -> here;
      case MODEL -> true;
    };
  }

  /**
   * Whether rows are positions, one after the other: all but attention's squares and the logits.
   */
  public boolean isPerPosition() {
    return size != Size.ATTENTION && size != Size.VOCABULARY;
  }

  /**
   * Elements of one position's row; of {@link #LM_HEAD} all of them.
   *
   * @throws IllegalStateException for the squares of attention, which have no such rows
   */
  public int rowElements(Hyperparameters model) {
    return switch (size) {
      case HIDDEN -> model.hidden();
      case QKV -> model.queryElements() + 2 * model.keyElements();
      case QUERY -> model.queryElements();
      case KEY -> model.keyElements();
      case INTERMEDIATE -> model.intermediate();
      case EXPERTS -> model.sparse().orElseThrow().experts();
      case EXPERTS_USED -> model.sparse().orElseThrow().used();
      case VOCABULARY -> model.vocabulary();
      case ATTENTION -> throw new IllegalStateException(id() + " has no rows of positions");
    };
  }

  /** Dimensions of the tensor for {@code positions} positions, slowest first. */
  public List<Integer> shape(Hyperparameters model, int positions) {
    return switch (size) {
      case ATTENTION -> List.of(model.heads(), positions, positions);
      case VOCABULARY -> List.of(model.vocabulary());
      default -> List.of(positions, rowElements(model));
    };
  }

  /** The stages of one layer, or of no layer, in order. */
  public static List<Stage> inLayer(Hyperparameters model, int layer) {
    List<Stage> stages = new ArrayList<>();
    for (Stage stage : values()) {
      if (stage.scope != Scope.MODEL && stage.occursIn(model, layer)) {
        stages.add(stage);
      }
    }
    return stages;
  }
}
