package dev.witnessmark.compare.diagnose;

import dev.witnessmark.compare.matrix.KernelChoice;
import dev.witnessmark.compare.matrix.Matrix;
import dev.witnessmark.compare.matrix.RowSlice;
import dev.witnessmark.compare.matrix.Staging;
import dev.witnessmark.compare.matrix.StoredMatrix;
import dev.witnessmark.compare.matrix.TransposedMatrix;
import dev.witnessmark.format.Shape;
import dev.witnessmark.model.IdentifiedTensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks for tensors of one side that, put below each other, are a tensor of the other side: fused
 * projections, gate on up, stacks of experts, or the same tensor, under names that no table knows.
 * Which they could be, blocks and shapes say; which they may be, a sample of rows; the caller then
 * compares all of it. Tensors are tried in the order of their file, from the first row down.
 */
public final class SplitDiagnosis {

  /** Unrelated matrices are about √2 apart. */
  private static final double RELATED = 0.5;

  /** Shorter rows agree by chance. */
  private static final long SHORTEST_ROW = 8;

  /** Tensors looked at, all in all: what was not found by then is not looked for. */
  private static final int MOST_LOOKS = 1 << 20;

  /** Samples read, all in all. */
  private static final int MOST_SAMPLES = 1 << 13;

  /** A sample of a transposed matrix costs a read per value instead of one per row. */
  private static final int COST_OF_TRANSPOSED = 64;

  /**
   * A tensor and the rows that it may be.
   *
   * @param tensor the part
   * @param part its values, turned if need be
   * @param rows the rows of the whole
   */
  public record Piece(IdentifiedTensor tensor, Matrix part, RowSlice rows) {}

  /**
   * A tensor and what it may be split into.
   *
   * @param whole the tensor
   * @param transposed whether its columns are split, or its rows against transposed parts
   * @param pieces its parts from the first row on; together they are all of it
   */
  public record Split(IdentifiedTensor whole, boolean transposed, List<Piece> pieces) {
    public Split {
      pieces = List.copyOf(pieces);
    }
  }

  /** Parts that could belong to one tensor: of one block, with rows of one length. */
  private record Group(int block, long columns, boolean transposed) {}

  private final Map<Group, Set<IdentifiedTensor>> groups = new HashMap<>();
  private final int fewestParts;
  private int looks = MOST_LOOKS;
  private int samples = MOST_SAMPLES;

  /**
   * @param parts tensors of one side without a comparable counterpart
   * @param fewestParts 1 if a single tensor is an answer, too
   */
  public SplitDiagnosis(List<IdentifiedTensor> parts, int fewestParts) {
    this.fewestParts = fewestParts;
    for (IdentifiedTensor part : parts) {
      if (isMatrix(part)) {
        for (boolean transposed : new boolean[] {false, true}) {
          groups
              .computeIfAbsent(group(part, part, transposed), group -> new LinkedHashSet<>())
              .add(part);
        }
      }
    }
  }

  private static Group group(IdentifiedTensor block, IdentifiedTensor shape, boolean transposed) {
    Matrix matrix = oriented(shape, transposed);
    return new Group(block.identity().block(), matrix.columns(), transposed);
  }

  private static boolean isMatrix(IdentifiedTensor tensor) {
    Shape shape = tensor.view().shape();
    return shape.rank() >= 2 && shape.rows() > 1 && shape.columns() >= SHORTEST_ROW;
  }

  private static Matrix oriented(IdentifiedTensor tensor, boolean transposed) {
    StoredMatrix stored = StoredMatrix.of(tensor.view());
    return transposed ? new TransposedMatrix(stored) : stored;
  }

  /** What {@code whole} may be split into, as it is or transposed; null if nothing is close. */
  public @Nullable Split of(IdentifiedTensor whole) throws IOException {
    if (!isMatrix(whole)) {
      return null;
    }
    try (Staging staging = new Staging(KernelChoice.forValues(0))) {
      for (boolean wholeTransposed : new boolean[] {false, true}) {
        for (boolean partsTransposed : new boolean[] {false, true}) {
          Split split = tiled(whole, wholeTransposed, partsTransposed, staging);
          if (split != null) {
            return split;
          }
        }
      }
    }
    return null;
  }

  /** The parts of {@code split} are found: they are not part of anything else. */
  public void found(Split split) {
    for (Piece piece : split.pieces()) {
      for (boolean transposed : new boolean[] {false, true}) {
        groups
            .getOrDefault(group(piece.tensor(), piece.tensor(), transposed), new LinkedHashSet<>())
            .remove(piece.tensor());
      }
    }
  }

  private @Nullable Split tiled(
      IdentifiedTensor whole, boolean wholeTransposed, boolean partsTransposed, Staging staging)
      throws IOException {
    Matrix matrix = oriented(whole, wholeTransposed);
    Set<IdentifiedTensor> group =
        groups.get(new Group(whole.identity().block(), matrix.columns(), partsTransposed));
    if (group == null || matrix.columns() < SHORTEST_ROW || group.size() > looks) {
      return null;
    }
    looks -= group.size();
    List<IdentifiedTensor> open = new ArrayList<>();
    long rows = 0;
    for (IdentifiedTensor part : group) {
      long more = oriented(part, partsTransposed).rows();
      if (more <= matrix.rows()) {
        open.add(part);
        rows += more;
      }
    }
    if (rows < matrix.rows()) {
      return null;
    }
    List<Piece> pieces = new ArrayList<>();
    int next = 0;
    for (long row = 0; row < matrix.rows(); ) {
      Piece piece = null;
      for (int tried = 0; tried < open.size() && piece == null; tried++) {
        int i = (next + tried) % open.size();
        piece = placed(matrix, row, open.get(i), partsTransposed, staging);
        if (piece != null) {
          open.remove(i);
          next = i;
        }
      }
      if (piece == null) {
        return null;
      }
      pieces.add(piece);
      row += piece.part().rows();
    }
    return pieces.size() < fewestParts
        ? null
        : new Split(whole, wholeTransposed != partsTransposed, pieces);
  }

  /** {@code tensor} as the rows from {@code row} on, if a sample says so. */
  private @Nullable Piece placed(
      Matrix whole, long row, IdentifiedTensor tensor, boolean transposed, Staging staging)
      throws IOException {
    Matrix part = oriented(tensor, transposed);
    int cost =
        whole instanceof TransposedMatrix || part instanceof TransposedMatrix
            ? COST_OF_TRANSPOSED
            : 1;
    if (part.rows() > whole.rows() - row || samples < cost) {
      return null;
    }
    samples -= cost;
    RowSlice rows =
        new RowSlice(
            whole, "%s[%d:%d]".formatted(whole.name(), row, row + part.rows()), row, part.rows());
    return RowSample.relative(rows, part, staging) < RELATED ? new Piece(tensor, part, rows) : null;
  }
}
