package dev.witnessmark.compare.match;

import dev.witnessmark.compare.matrix.AdaptedMatrix;
import dev.witnessmark.compare.matrix.LowRank;
import dev.witnessmark.compare.matrix.LoweredMatrix;
import dev.witnessmark.compare.matrix.Matrix;
import dev.witnessmark.compare.matrix.RowPermutation;
import dev.witnessmark.compare.matrix.RowSlice;
import dev.witnessmark.compare.matrix.StoredMatrix;
import dev.witnessmark.compare.matrix.TransposedMatrix;
import dev.witnessmark.format.Shape;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.model.IdentifiedTensor;
import dev.witnessmark.model.Role;
import dev.witnessmark.model.RowLayout;
import dev.witnessmark.model.TensorIdentity;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Pairs the tensors of two checkpoints: by equal names, then by identity (architecture tables),
 * then by taking fused and stacked tensors apart, then the head of one with the tied embedding of
 * the other.
 */
public final class Matcher {

  private final Operand a;
  private final Operand b;
  private final List<OrderedPair> pairs = new ArrayList<>();
  private final List<Incompatible> incompatible = new ArrayList<>();

  /** Tensors still without counterpart, by name, in file order. */
  private final Map<String, IdentifiedTensor> openA = new LinkedHashMap<>();

  private final Map<String, IdentifiedTensor> openB = new LinkedHashMap<>();
  private final Map<String, Integer> orderInA = new HashMap<>();

  private Matcher(Operand a, Operand b) {
    this.a = a;
    this.b = b;
  }

  private record OrderedPair(int order, TensorPair pair) {}

  /** A part of a fused or stacked tensor. */
  private record Part(IdentifiedTensor whole, TensorIdentity identity, Matrix matrix) {}

  /** Stacks that claim more parts than this, all together, are left whole: no model has as many. */
  private static final int MOST_PARTS_OF_STACKS = 1 << 20;

  /** Pairs the tensors of {@code a} and {@code b}. */
  public static Pairing match(Operand a, Operand b) {
    return new Matcher(a, b).pairing();
  }

  private Pairing pairing() {
    List<IdentifiedTensor> tensorsA = a.tensors();
    List<IdentifiedTensor> tensorsB = b.tensors();
    for (IdentifiedTensor tensor : tensorsA) {
      orderInA.put(tensor.view().name(), orderInA.size());
      openA.put(tensor.view().name(), tensor);
    }
    tensorsB.forEach(tensor -> openB.put(tensor.view().name(), tensor));

    pairByName(tensorsA);
    pairByIdentity(tensorsA);
    pairFusedQkv(openA, openB, false);
    pairFusedQkv(openB, openA, true);
    pairParts();
    pairTiedHead(openA, b, tensorsB, false);
    pairTiedHead(openB, a, tensorsA, true);

    pairs.sort((x, y) -> Integer.compare(x.order(), y.order()));
    return new Pairing(
        pairs.stream().map(OrderedPair::pair).toList(),
        incompatible,
        List.copyOf(openA.values()),
        List.copyOf(openB.values()));
  }

  private void pairByName(List<IdentifiedTensor> tensorsA) {
    for (IdentifiedTensor left : tensorsA) {
      IdentifiedTensor right = openB.get(left.view().name());
      if (right != null) {
        pair(left, right);
      }
    }
  }

  private void pairByIdentity(List<IdentifiedTensor> tensorsA) {
    Map<TensorIdentity, @Nullable IdentifiedTensor> unique = uniqueIdentities(openB);
    Map<TensorIdentity, @Nullable IdentifiedTensor> uniqueA = uniqueIdentities(openA);
    for (IdentifiedTensor left : tensorsA) {
      if (openA.containsKey(left.view().name()) && left.equals(uniqueA.get(left.identity()))) {
        IdentifiedTensor right = unique.get(left.identity());
        if (right != null) {
          pair(left, right);
        }
      }
    }
  }

  /** Identities of tensors that a table knows; two tensors of one identity are no counterpart. */
  private static Map<TensorIdentity, @Nullable IdentifiedTensor> uniqueIdentities(
      Map<String, IdentifiedTensor> open) {
    Map<TensorIdentity, @Nullable IdentifiedTensor> unique = new HashMap<>();
    for (IdentifiedTensor tensor : open.values()) {
      if (!tensor.guessed()) {
        boolean seen = unique.containsKey(tensor.identity());
        unique.put(tensor.identity(), seen ? null : tensor);
      }
    }
    return unique;
  }

  private void pair(IdentifiedTensor left, IdentifiedTensor right) {
    openA.remove(left.view().name());
    openB.remove(right.view().name());
    TensorPair pair = comparable(left, right, List.of());
    if (pair == null) {
      incompatible.add(new Incompatible(left, right));
    } else {
      add(left, pair);
    }
  }

  private void add(IdentifiedTensor left, TensorPair pair) {
    pairs.add(new OrderedPair(orderInA.getOrDefault(left.view().name(), Integer.MAX_VALUE), pair));
  }

  /** The pair as matrices of one shape, or null if there is no such view. */
  private @Nullable TensorPair comparable(
      IdentifiedTensor left, IdentifiedTensor right, List<String> views) {
    LowRank updateA = a.updates().get(left.view().name());
    LowRank updateB = b.updates().get(right.view().name());
    boolean guessed = left.guessed() && right.guessed();
    int rank = left.view().shape().rank();
    if (updateA == null && updateB == null && left.layout().equals(right.layout())) {
      return sameShape(left.view().shape(), right.view().shape())
          ? asStored(left, right, guessed, views)
          : null;
    }
    boolean vectors = rank == 1 && right.view().shape().rank() == 1;
    Matrix matrixA =
        vectors ? asRows(left) : adapted(canonical(left), updateA, right.view().type());
    Matrix matrixB =
        vectors ? asRows(right) : adapted(canonical(right), updateB, left.view().type());
    if (matrixA.rows() != matrixB.rows() || matrixA.columns() != matrixB.columns()) {
      return null;
    }
    List<String> all = new ArrayList<>(views);
    describe(left.layout(), right.layout(), all);
    if (updateA != null) {
      all.add("a with its adapter's rank-%d update".formatted(updateA.rank()));
    }
    if (updateB != null) {
      all.add("b with its adapter's rank-%d update".formatted(updateB.rank()));
    }
    return new TensorPair(matrixA, matrixB, left.identity(), guessed, all, rank);
  }

  /** Both as matrices with the longer of their rows: they may differ in dimensions of one. */
  private static TensorPair asStored(
      IdentifiedTensor left, IdentifiedTensor right, boolean guessed, List<String> views) {
    Shape shapeA = left.view().shape();
    Shape shapeB = right.view().shape();
    Shape longer = shapeA.columns() >= shapeB.columns() ? shapeA : shapeB;
    return new TensorPair(
        new StoredMatrix(left.view(), longer.rows(), longer.columns()),
        new StoredMatrix(right.view(), longer.rows(), longer.columns()),
        left.identity(),
        guessed,
        views,
        shapeA.rank());
  }

  private static void describe(RowLayout left, RowLayout right, List<String> views) {
    if (left.transposed() != right.transposed()) {
      views.add((left.transposed() ? "a" : "b") + " read transposed");
    }
    if (left.raised() != right.raised()) {
      views.add("%s without the 1 added to it".formatted(left.raised() > 0 ? "a" : "b"));
    }
    if (left.interleavedHeads() != right.interleavedHeads()) {
      boolean onA = left.interleavedHeads() > 0;
      views.add(
          "%s with the rows of its %d heads un-interleaved"
              .formatted(
                  onA ? "a" : "b", onA ? left.interleavedHeads() : right.interleavedHeads()));
    }
  }

  private static Matrix adapted(Matrix base, @Nullable LowRank update, TensorType otherSide) {
    return update == null
        ? base
        : new AdaptedMatrix(base, update, AdaptedMatrix.keptAs(base.type(), otherSide));
  }

  /** {@code tensor} as {@code [out, in]} with rotary pairs half a head apart. */
  public static Matrix canonical(IdentifiedTensor tensor) {
    TensorView view = tensor.view();
    boolean column = view.shape().rank() == 1 && tensor.layout().interleavedHeads() > 0;
    return canonical(column ? StoredMatrix.column(view) : StoredMatrix.of(view), tensor.layout());
  }

  private static Matrix canonical(Matrix stored, RowLayout layout) {
    Matrix matrix = layout.transposed() ? new TransposedMatrix(stored) : stored;
    if (layout.interleavedHeads() > 0) {
      matrix =
          new RowPermutation(matrix, layout.interleavedHeads(), RowPermutation.Order.INTERLEAVED);
    }
    return layout.raised() == 0 ? matrix : new LoweredMatrix(matrix, layout.raised());
  }

  /**
   * {@code pair} in the orientation that updates have: {@code [out, in]}, rotary pairs half a head
   * apart. Two sides of one layout are paired as they are stored.
   *
   * @param layout how the left side is stored
   */
  public static TensorPair canonical(TensorPair pair, RowLayout layout) {
    return pair.a() instanceof StoredMatrix && !layout.equals(RowLayout.PLAIN)
        ? new TensorPair(
            canonical(pair.a(), layout),
            canonical(pair.b(), layout),
            pair.identity(),
            pair.guessed(),
            pair.views(),
            pair.rank())
        : pair;
  }

  private static boolean sameShape(Shape left, Shape right) {
    return left.equals(right) || Arrays.equals(squeezed(left), squeezed(right));
  }

  /** The dimensions without ones: {@code [1, 256]} holds the same vector as {@code [256]}. */
  private static long[] squeezed(Shape shape) {
    return Arrays.stream(shape.toArray()).filter(d -> d != 1).toArray();
  }

  /** A fused q‖k‖v tensor on one side against three tensors on the other. */
  private void pairFusedQkv(
      Map<String, IdentifiedTensor> fusedSide,
      Map<String, IdentifiedTensor> splitSide,
      boolean fusedIsB) {
    Map<TensorIdentity, @Nullable IdentifiedTensor> unique = uniqueIdentities(splitSide);
    for (IdentifiedTensor fused : List.copyOf(fusedSide.values())) {
      if (fused.guessed() || fused.identity().role() != Role.ATTENTION_QKV) {
        continue;
      }
      Matrix whole = asRows(fused);
      List<IdentifiedTensor> parts = new ArrayList<>();
      long rows = 0;
      for (Role role : List.of(Role.ATTENTION_Q, Role.ATTENTION_K, Role.ATTENTION_V)) {
        IdentifiedTensor part = unique.get(fused.identity().as(role));
        if (part != null && asRows(part).columns() == whole.columns()) {
          parts.add(part);
          rows += asRows(part).rows();
        }
      }
      if (parts.size() != 3 || rows != whole.rows()) {
        continue;
      }
      fusedSide.remove(fused.view().name());
      long first = 0;
      for (IdentifiedTensor part : parts) {
        splitSide.remove(part.view().name());
        Matrix partMatrix = asRows(part);
        Matrix slice =
            new RowSlice(
                whole,
                "%s[%d:%d]".formatted(fused.view().name(), first, first + partMatrix.rows()),
                first,
                partMatrix.rows());
        addParts(
            new Part(fused, part.identity(), slice),
            new Part(part, part.identity(), partMatrix),
            fusedIsB);
        first += partMatrix.rows();
      }
    }
  }

  /**
   * The canonical matrix; a vector as one column, so that its entries can be sliced as rows, unless
   * it is stored in blocks.
   */
  private static Matrix asRows(IdentifiedTensor tensor) {
    boolean column = tensor.view().shape().rank() == 1 && !tensor.view().type().quantised();
    return column
        ? canonical(StoredMatrix.column(tensor.view()), tensor.layout())
        : canonical(tensor);
  }

  /** A part of each side, of one identity and shape. */
  private record PartMatch(Part left, Part right) {}

  /**
   * What is left is taken apart on both sides; parts of equal identity and shape are pairs. Only
   * tensors whose parts all find a counterpart are taken apart: no part may vanish.
   */
  private void pairParts() {
    Map<TensorIdentity, @Nullable Part> partsB = uniqueParts(openB.values());
    List<PartMatch> matches = new ArrayList<>();
    for (Part left : uniqueParts(openA.values()).values()) {
      Part right = left == null ? null : partsB.get(left.identity());
      if (left != null
          && right != null
          && left.matrix().rows() == right.matrix().rows()
          && left.matrix().columns() == right.matrix().columns()) {
        matches.add(new PartMatch(left, right));
      }
    }
    int before;
    do {
      before = matches.size();
      matches = complete(complete(matches, PartMatch::left), PartMatch::right);
    } while (matches.size() < before);
    for (PartMatch match : matches) {
      openA.remove(match.left().whole().view().name());
      openB.remove(match.right().whole().view().name());
      addParts(match.left(), match.right(), false);
    }
  }

  /** Parts by identity; two parts of one identity are no counterpart. */
  private static Map<TensorIdentity, @Nullable Part> uniqueParts(
      Collection<IdentifiedTensor> tensors) {
    Map<TensorIdentity, @Nullable Part> unique = new LinkedHashMap<>();
    long ofStacks = 0;
    for (IdentifiedTensor tensor : tensors) {
      int count = partCount(tensor);
      ofStacks += count > 2 ? count : 0;
      if (ofStacks > MOST_PARTS_OF_STACKS) {
        break;
      }
      for (Part part : parts(tensor)) {
        unique.put(part.identity(), unique.containsKey(part.identity()) ? null : part);
      }
    }
    return unique;
  }

  /** The matches of those tensors on one side of which every part is matched. */
  private static List<PartMatch> complete(List<PartMatch> matches, Function<PartMatch, Part> side) {
    Map<String, List<PartMatch>> byWhole = new LinkedHashMap<>();
    for (PartMatch match : matches) {
      byWhole
          .computeIfAbsent(side.apply(match).whole().view().name(), name -> new ArrayList<>())
          .add(match);
    }
    return byWhole.values().stream()
        .filter(group -> group.size() == partCount(side.apply(group.getFirst()).whole()))
        .flatMap(List::stream)
        .toList();
  }

  private void addParts(Part first, Part second, boolean swapped) {
    Part left = swapped ? second : first;
    Part right = swapped ? first : second;
    List<String> views = new ArrayList<>();
    if (left.matrix() instanceof RowSlice) {
      views.add("a is part of a fused or stacked tensor");
    }
    if (right.matrix() instanceof RowSlice) {
      views.add("b is part of a fused or stacked tensor");
    }
    add(
        left.whole(),
        new TensorPair(left.matrix(), right.matrix(), left.identity(), false, views, 2));
  }

  /** Number of {@link #parts}; 0 if the tensor cannot be taken apart. */
  private static int partCount(IdentifiedTensor tensor) {
    Shape shape = tensor.view().shape();
    boolean stack = tensor.identity().expert() == TensorIdentity.ALL;
    if (tensor.guessed() || (stack && (shape.rank() != 3 || shape.elements() == 0))) {
      return 0;
    }
    Role role = tensor.identity().role();
    boolean halves = role == Role.FFN_GATE_UP || role == Role.EXPERT_GATE_UP;
    long experts = stack ? Math.min(shape.dimension(0), MOST_PARTS_OF_STACKS + 1L) : 1;
    return Math.toIntExact(halves ? 2 * experts : experts);
  }

  /** The single-expert, single-projection parts of a tensor; itself if it is one. */
  private static List<Part> parts(IdentifiedTensor tensor) {
    if (partCount(tensor) == 0) {
      return List.of();
    }
    TensorIdentity identity = tensor.identity();
    boolean stack = identity.expert() == TensorIdentity.ALL;
    Matrix whole = asRows(tensor);
    List<Part> parts = new ArrayList<>();
    int experts = stack ? Math.toIntExact(tensor.view().shape().dimension(0)) : 1;
    long rowsEach = whole.rows() / experts;
    for (int expert = 0; expert < experts; expert++) {
      TensorIdentity one = stack ? identity.ofExpert(expert) : identity;
      long first = expert * rowsEach;
      switch (identity.role()) {
        case FFN_GATE_UP ->
            addHalves(tensor, one, Role.FFN_GATE, Role.FFN_UP, whole, first, rowsEach, parts);
        case EXPERT_GATE_UP ->
            addHalves(tensor, one, Role.EXPERT_GATE, Role.EXPERT_UP, whole, first, rowsEach, parts);
        default ->
            parts.add(
                stack
                    ? new Part(tensor, one, slice(tensor, whole, first, rowsEach))
                    : new Part(tensor, one, whole));
      }
    }
    return parts;
  }

  private static void addHalves(
      IdentifiedTensor tensor,
      TensorIdentity identity,
      Role upper,
      Role lower,
      Matrix whole,
      long first,
      long rows,
      List<Part> parts) {
    parts.add(new Part(tensor, identity.as(upper), slice(tensor, whole, first, rows / 2)));
    parts.add(
        new Part(
            tensor, identity.as(lower), slice(tensor, whole, first + rows / 2, rows - rows / 2)));
  }

  private static RowSlice slice(IdentifiedTensor tensor, Matrix whole, long first, long rows) {
    return new RowSlice(
        whole, "%s[%d:%d]".formatted(tensor.view().name(), first, first + rows), first, rows);
  }

  /** A head on one side against the token embedding that serves as head on the other. */
  private void pairTiedHead(
      Map<String, IdentifiedTensor> headSide,
      Operand tied,
      List<IdentifiedTensor> tiedTensors,
      boolean headIsB) {
    if (!tied.model().tiedHead()) {
      return;
    }
    IdentifiedTensor head = only(headSide.values(), Role.HEAD);
    IdentifiedTensor embedding = only(tiedTensors, Role.TOKEN_EMBEDDING);
    if (head == null || embedding == null) {
      return;
    }
    List<String> views = List.of((headIsB ? "a" : "b") + "'s head is tied to its token embedding");
    TensorPair pair =
        headIsB ? comparable(embedding, head, views) : comparable(head, embedding, views);
    if (pair != null) {
      headSide.remove(head.view().name());
      TensorPair asHead =
          new TensorPair(pair.a(), pair.b(), head.identity(), false, pair.views(), pair.rank());
      pairs.add(new OrderedPair(Integer.MAX_VALUE, asHead));
    }
  }

  /** The one tensor that a table knows to have {@code role}. */
  private static @Nullable IdentifiedTensor only(Iterable<IdentifiedTensor> tensors, Role role) {
    IdentifiedTensor found = null;
    for (IdentifiedTensor tensor : tensors) {
      TensorIdentity identity = tensor.identity();
      if (!tensor.guessed() && identity.role() == role && identity.part().equals("weight")) {
        if (found != null) {
          return null;
        }
        found = tensor;
      }
    }
    return found;
  }
}
