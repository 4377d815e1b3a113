package dev.witnessmark.explain.source;

import dev.witnessmark.compare.match.Matcher;
import dev.witnessmark.compare.matrix.KernelChoice;
import dev.witnessmark.compare.matrix.Matrix;
import dev.witnessmark.compare.matrix.RowSlice;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.model.IdentifiedTensor;
import dev.witnessmark.model.ModelDescription;
import dev.witnessmark.model.Role;
import dev.witnessmark.model.TensorIdentity;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The weight matrices of a model by where they are, each as {@code [out, in]} with the rows of
 * heads in their usual order, whatever the container. Fused projections are taken apart where the
 * number of heads tells how.
 *
 * @param file the model, for messages
 * @param width of the hidden state
 * @param layers number of blocks
 * @param heads query heads, 0 where the file does not say
 * @param keyValueHeads key/value heads, 0 where the file does not say
 * @param tiedHead whether the token embedding is the unembedding too
 * @param gated whether any block has a gate in its MLP
 * @param matrices the matrices
 * @param notes what was left out, and why
 */
public record ModelMatrices(
    String file,
    int width,
    int layers,
    int heads,
    int keyValueHeads,
    boolean tiedHead,
    boolean gated,
    Map<TensorPlace, StoredBlocks> matrices,
    List<String> notes) {

  /** A Gram matrix of this order takes 2 GiB. */
  public static final int WIDEST = 1 << 14;

  /** Roles of the matrices that read the hidden state: {@code [out, width]}. */
  public static final List<Role> READERS =
      List.of(Role.ATTENTION_Q, Role.ATTENTION_K, Role.ATTENTION_V, Role.FFN_UP, Role.FFN_GATE);

  /** Roles of the matrices that write to it: {@code [width, in]}. */
  public static final List<Role> WRITERS = List.of(Role.ATTENTION_OUTPUT, Role.FFN_DOWN);

  /**
   * Finds the matrices of a checkpoint.
   *
   * @param tensors its tensors with their meaning
   * @throws Refusal if it has no token embedding, or is wider than {@link #WIDEST}
   */
  public static ModelMatrices of(
      Checkpoint checkpoint, ModelDescription model, List<IdentifiedTensor> tensors)
      throws Refusal {
    String file = checkpoint.path().toString();
    int[] heads = ModelDescription.declaredHeads(checkpoint);
    Found found = new Found(file, heads[0], heads[1], KernelChoice.forValues(model.parameters()));
    for (IdentifiedTensor tensor : tensors) {
      if (!tensor.guessed()
          && tensor.identity().part().equals("weight")
          && tensor.view().shape().rank() == 2) {
        found.add(tensor);
      }
    }
    StoredBlocks embedding =
        found.matrices.get(new TensorPlace(Role.TOKEN_EMBEDDING, TensorIdentity.NONE));
    if (embedding == null) {
      throw new Refusal.MissingPart(
          file, "token embedding", "the width of the hidden state is not known without it");
    }
    if (embedding.columns() > WIDEST) {
      throw new Refusal.LimitExceeded(
          file, embedding.name(), -1, "the width of the hidden state", embedding.columns(), WIDEST);
    }
    found.keepFitting(embedding.columns());
    boolean gated =
        found.matrices.keySet().stream().anyMatch(place -> place.role() == Role.FFN_GATE);
    return new ModelMatrices(
        file,
        embedding.columns(),
        model.blocks(),
        heads[0],
        heads[1],
        model.tiedHead(),
        gated,
        found.matrices,
        found.notes);
  }

  /** The matrix at a place. */
  public Optional<StoredBlocks> at(Role role, int layer) {
    return Optional.ofNullable(matrices.get(new TensorPlace(role, layer)));
  }

  /** The token embedding, {@code [vocabulary, width]}. */
  public Optional<StoredBlocks> embedding() {
    return at(Role.TOKEN_EMBEDDING, TensorIdentity.NONE);
  }

  /** The unembedding, {@code [vocabulary, width]}: the head, or the embedding where it is tied. */
  public Optional<StoredBlocks> unembedding() {
    return at(Role.HEAD, TensorIdentity.NONE).or(() -> tiedHead ? embedding() : Optional.empty());
  }

  /** Roles of readers that a block of this model has. */
  public List<Role> readers() {
    return READERS.stream().filter(role -> gated || role != Role.FFN_GATE).toList();
  }

  /** Tensors as they are sorted in. */
  private static final class Found {

    private final String file;
    private final int heads;
    private final int keyValueHeads;
    private final KernelChoice kernels;
    private final Map<TensorPlace, StoredBlocks> matrices = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();

    Found(String file, int heads, int keyValueHeads, KernelChoice kernels) {
      this.file = file;
      this.kernels = kernels;
      this.heads = heads;
      this.keyValueHeads = keyValueHeads;
    }

    void add(IdentifiedTensor tensor) throws Refusal {
      TensorIdentity identity = tensor.identity();
      Matrix matrix = Matcher.canonical(tensor);
      if (matrix.rows() > Integer.MAX_VALUE || matrix.columns() > Integer.MAX_VALUE) {
        throw new Refusal.LimitExceeded(
            file,
            matrix.name(),
            tensor.view().offset(),
            "a dimension",
            Math.max(matrix.rows(), matrix.columns()),
            Integer.MAX_VALUE);
      }
      if (identity.expert() != TensorIdentity.NONE) {
        note("%s: experts are not one matrix of the block", identity.label());
      } else if (identity.role() == Role.ATTENTION_QKV) {
        split(matrix, identity);
      } else if (identity.role() == Role.FFN_GATE_UP) {
        halves(matrix, identity);
      } else if (!put(identity.role(), identity.block(), matrix)) {
        throw new Refusal.Duplicate(
            file,
            matrix.name(),
            tensor.view().offset(),
            "another tensor is " + identity.label() + " too");
      }
    }

    private boolean put(Role role, int block, Matrix matrix) {
      return matrices.put(new TensorPlace(role, block), new StoredBlocks(matrix, kernels)) == null;
    }

    /** Query rows, then key rows, then value rows, all heads of one size. */
    private void split(Matrix fused, TensorIdentity identity) {
      long all = heads + 2L * keyValueHeads;
      if (heads == 0 || fused.rows() % all != 0) {
        note("%s: the number of heads does not say how to take it apart", identity.label());
        return;
      }
      long head = fused.rows() / all;
      long row = 0;
      for (Role role : List.of(Role.ATTENTION_Q, Role.ATTENTION_K, Role.ATTENTION_V)) {
        long rows = head * (role == Role.ATTENTION_Q ? heads : keyValueHeads);
        put(role, identity.block(), new RowSlice(fused, identity.as(role).label(), row, rows));
        row += rows;
      }
    }

    /** Gate rows, then as many of up. */
    private void halves(Matrix fused, TensorIdentity identity) {
      if (fused.rows() % 2 != 0) {
        note("%s: an odd number of rows is not gate and up", identity.label());
        return;
      }
      long rows = fused.rows() / 2;
      for (Role role : List.of(Role.FFN_GATE, Role.FFN_UP)) {
        String name = identity.as(role).label();
        put(
            role,
            identity.block(),
            new RowSlice(fused, name, role == Role.FFN_UP ? rows : 0, rows));
      }
    }

    /** Leaves out what does not read or write a hidden state of {@code width}. */
    void keepFitting(int width) {
      matrices
          .entrySet()
          .removeIf(entry -> {
            StoredBlocks matrix = entry.getValue();
            boolean reads = READERS.contains(entry.getKey().role());
            boolean writes = WRITERS.contains(entry.getKey().role());
            int side = writes ? matrix.rows() : matrix.columns();
            boolean odd = (reads || writes) && side != width;
            if (odd) {
              note("%s: its side towards the hidden state is not its width", matrix.name());
            }
            return odd;
          });
    }

    private void note(String format, String subject) {
      notes.add(format.formatted(subject));
    }
  }
}
