package dev.witnessmark.model;

import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.FileFormat;
import dev.witnessmark.format.Metadata;
import dev.witnessmark.format.TensorView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * A checkpoint with its meaning: which architecture, and what every tensor is.
 *
 * @param architecture what the file says it is ({@code general.architecture}, {@code model_type}),
 *     or the family its names belong to; {@code unknown} if neither
 * @param blocks number of transformer blocks that its tensors name
 * @param parameters number of stored values, over all tensors
 * @param tensors every tensor, in the checkpoint's order
 * @param tiedHead true if the head shares the token embedding: declared so, or a decoder without
 *     one
 */
public record ModelDescription(
    String architecture,
    int blocks,
    long parameters,
    List<IdentifiedTensor> tensors,
    boolean tiedHead) {

  /** GGUF architectures whose converter interleaves the rotary rows of q and k. */
  private static final List<String> INTERLEAVED_IN_GGUF = List.of("llama");

  /** GGUF architectures whose converter adds 1 to the weights of norms. */
  private static final List<String> RAISED_NORMS_IN_GGUF = List.of("gemma", "gemma2", "gemma3");

  /** GGUF architectures whose {@code ffn_up} holds gate and up, fused. */
  private static final List<String> FUSED_UP_IN_GGUF = List.of("phi3");

  public ModelDescription {
    tensors = List.copyOf(tensors);
  }

  /** Finds the table that fits {@code checkpoint} and applies it to every tensor. */
  public static ModelDescription of(Checkpoint checkpoint) {
    Metadata metadata = checkpoint.metadata();
    boolean gguf = checkpoint.format() == FileFormat.GGUF;
    Optional<String> declared =
        metadata
            .text(gguf ? "general.architecture" : "config.model_type")
            .filter(s -> !s.isBlank());
    Optional<NameTable> table =
        gguf ? Optional.of(NameTable.GGUF) : bestTable(checkpoint.tensors());
    HeadCounts heads = HeadCounts.of(metadata, gguf, declared.orElse(""));
    List<IdentifiedTensor> tensors = new ArrayList<>(checkpoint.tensors().size());
    int blocks = 0;
    long parameters = 0;
    boolean embedding = false;
    boolean head = false;
    boolean decoder = false;
    for (TensorView view : checkpoint.tensors()) {
      IdentifiedTensor tensor = identify(view, table, gguf, declared.orElse(""), heads);
      tensors.add(tensor);
      TensorIdentity identity = tensor.identity();
      blocks = Math.max(blocks, identity.block() + 1);
      parameters = saturatingAdd(parameters, view.shape().elements());
      embedding |= identity.role() == Role.TOKEN_EMBEDDING;
      head |= identity.role() == Role.HEAD;
      decoder |= identity.role() == Role.OUTPUT_NORM;
    }
    boolean tied =
        embedding && !head && metadata.flag("config.tie_word_embeddings").orElse(decoder);
    String architecture =
        declared.orElse(table.filter(t -> !gguf).map(NameTable::family).orElse("unknown"));
    return new ModelDescription(architecture, blocks, parameters, tensors, tied);
  }

  private static IdentifiedTensor identify(
      TensorView view,
      Optional<NameTable> table,
      boolean gguf,
      String architecture,
      HeadCounts heads) {
    Optional<NameTable.Resolved> resolved = table.flatMap(t -> t.resolve(view.name()));
    if (resolved.isEmpty()) {
      return new IdentifiedTensor(
          view, GuessedIdentity.of(view.name()), RowLayout.of(view.transposed(), 0, 0), true);
    }
    NameTable.Resolved found = resolved.get();
    Role role = found.meaning().role();
    if (gguf && role == Role.FFN_UP && FUSED_UP_IN_GGUF.contains(architecture)) {
      role = Role.FFN_GATE_UP;
    }
    TensorIdentity identity =
        new TensorIdentity(role, found.block(), found.expert(), found.part(), "");
    boolean matrix = view.shape().rank() == 2;
    boolean transposed = matrix && (view.transposed() || found.meaning().transposed());
    int interleaved =
        gguf && INTERLEAVED_IN_GGUF.contains(architecture) ? heads.of(identity.role()) : 0;
    long rows = view.shape().rank() == 1 ? view.shape().columns() : view.shape().rows();
    // The values of a vector in blocks have no rows to permute.
    boolean permutable = view.shape().rank() > 1 || !view.type().quantised();
    boolean pairsUp = permutable && interleaved > 0 && rows % (2L * interleaved) == 0;
    boolean norm = identity.role().column().equals(Role.OUTPUT_NORM.column());
    boolean raised = gguf && norm && RAISED_NORMS_IN_GGUF.contains(architecture);
    return new IdentifiedTensor(
        view, identity, RowLayout.of(transposed, pairsUp ? interleaved : 0, raised ? 1 : 0), false);
  }

  /**
   * What {@code name} means, if a table knows it: those of Hugging Face's families, then GGUF's.
   */
  public static Optional<TensorIdentity> identityOf(String name) {
    return Stream.concat(NameTable.HUGGING_FACE.stream(), Stream.of(NameTable.GGUF))
        .flatMap(table -> table.resolve(name).stream())
        .findFirst()
        .map(r -> new TensorIdentity(r.meaning().role(), r.block(), r.expert(), r.part(), ""));
  }

  /** The table that knows most of the names, if it knows any. */
  private static Optional<NameTable> bestTable(List<TensorView> tensors) {
    NameTable best = null;
    long most = 0;
    for (NameTable table : NameTable.HUGGING_FACE) {
      long known = tensors.stream().filter(t -> table.resolve(t.name()).isPresent()).count();
      if (known > most) {
        best = table;
        most = known;
      }
    }
    return Optional.ofNullable(best);
  }

  private static long saturatingAdd(long a, long b) {
    return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
  }

  /**
   * Query and key/value head counts, 0 where the file does not say.
   *
   * @param query number of query heads
   * @param keyValue number of key/value heads
   */
  record HeadCounts(int query, int keyValue) {

    private static final long MOST_HEADS = 1 << 16;

    static HeadCounts of(Metadata metadata, boolean gguf, String architecture) {
      String query = gguf ? architecture + ".attention.head_count" : "config.num_attention_heads";
      String keyValue =
          gguf ? architecture + ".attention.head_count_kv" : "config.num_key_value_heads";
      int queryHeads = plausible(metadata.whole(query));
      int keyValueHeads = plausible(metadata.whole(keyValue));
      return new HeadCounts(queryHeads, keyValueHeads == 0 ? queryHeads : keyValueHeads);
    }

    private static int plausible(OptionalLong heads) {
      long count = heads.orElse(0);
      return count > 0 && count <= MOST_HEADS ? (int) count : 0;
    }

    int of(Role role) {
      return switch (role) {
        case ATTENTION_Q -> query;
        case ATTENTION_K -> keyValue;
        default -> 0;
      };
    }
  }

  /** Query and key/value heads that {@code metadata} declares; a diagnosis tries them first. */
  public static int[] declaredHeads(Checkpoint checkpoint) {
    boolean gguf = checkpoint.format() == FileFormat.GGUF;
    HeadCounts heads =
        HeadCounts.of(
            checkpoint.metadata(),
            gguf,
            checkpoint.metadata().text("general.architecture").orElse(""));
    return new int[] {heads.query(), heads.keyValue()};
  }
}
