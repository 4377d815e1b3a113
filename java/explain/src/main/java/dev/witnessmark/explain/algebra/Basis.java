package dev.witnessmark.explain.algebra;

/**
 * An orthonormal basis of a subspace, possibly of none.
 *
 * @param rows {@code [rank, dimension]}, one direction per row: the transpose of B
 * @param boundaryGap {@code (s_k − s_(k+1)) / s_k} where the directions were cut off a longer list
 *     by their singular values s: 1 if nothing was left to cut, NaN if there was no such list
 */
public record Basis(DenseMatrix rows, double boundaryGap) {

  /** Directions closer than this to the ones cut off are not well defined. */
  public static final double SMALLEST_GAP = 1e-3;

  /** The empty basis. */
  public static Basis empty(int dimension) {
    return new Basis(DenseMatrix.zeros(0, dimension), Double.NaN);
  }

  /** Width of the space. */
  public int dimension() {
    return rows.columns();
  }

  /** Number of directions. */
  public int rank() {
    return rows.rows();
  }

  /** Whether the gap is so small that other directions would do as well. */
  public boolean isIllPosed() {
    return boundaryGap < SMALLEST_GAP;
  }

  /** The first {@code count} directions, or all. */
  public Basis first(int count) {
    return new Basis(rows.rows(0, Math.min(count, rank())), boundaryGap);
  }

  /** Largest distance of {@code BᵀB} from the identity. */
  public double orthonormalityError() {
    DenseMatrix products = rows.timesTransposed(rows);
    double largest = 0;
    for (int i = 0; i < rank(); i++) {
      for (int j = 0; j < rank(); j++) {
        largest = Math.max(largest, Math.abs(products.at(i, j) - (i == j ? 1 : 0)));
      }
    }
    return largest;
  }

  /** {@code x·(I − BBᵀ)} for every row of {@code x}. */
  public DenseMatrix takenOff(DenseMatrix x) {
    return rank() == 0 ? x : x.minus(x.timesTransposed(rows).times(rows));
  }

  /** The projector {@code B·Bᵀ}. */
  public SymmetricMatrix projector() {
    return SymmetricMatrix.gramOfColumns(rows);
  }
}
