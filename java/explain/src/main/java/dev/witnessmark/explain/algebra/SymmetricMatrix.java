package dev.witnessmark.explain.algebra;

/**
 * A symmetric matrix.
 *
 * @param full both triangles, equal to the bit
 */
public record SymmetricMatrix(DenseMatrix full) {

  public SymmetricMatrix {
    if (full.rows() != full.columns()) {
      throw new IllegalArgumentException("[%d, %d]".formatted(full.rows(), full.columns()));
    }
  }

  public static SymmetricMatrix zeros(int order) {
    return new SymmetricMatrix(DenseMatrix.zeros(order, order));
  }

  /** {@code panelᵀ·panel}. */
  public static SymmetricMatrix gramOfColumns(DenseMatrix panel) {
    PanelSum sum = PanelSum.ofGrams(panel.columns());
    sum.add(panel);
    return sum.gram();
  }

  /** {@code block·blockᵀ}. */
  public static SymmetricMatrix gramOfRows(DenseMatrix block) {
    PanelSum sum = PanelSum.ofGrams(block.rows());
    sum.addTransposed(block);
    return sum.gram();
  }

  /** Number of rows and of columns. */
  public int order() {
    return full.rows();
  }

  public SymmetricMatrix plus(SymmetricMatrix other) {
    return new SymmetricMatrix(full.plus(1, other.full));
  }

  public SymmetricMatrix scaled(double factor) {
    double[] scaled = full.values().clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= factor;
    }
    return new SymmetricMatrix(new DenseMatrix(order(), order(), scaled));
  }

  public double trace() {
    double trace = 0;
    for (int i = 0; i < order(); i++) {
      trace += full.at(i, i);
    }
    return trace;
  }

  /** Trace of the square: the sum of squares of all elements. */
  public double squaredNorm() {
    return full.squaredNorm();
  }

  /** Whether every element is a number and finite. */
  public boolean isFinite() {
    // A sum of squares is finite only if all terms are.
    return Double.isFinite(full.squaredNorm());
  }

  /** Trace of {@code BᵀSB}: what of this lies within {@code basis}. */
  public double within(Basis basis) {
    if (basis.rank() == 0) {
      return 0;
    }
    DenseMatrix image = basis.rows().times(full);
    double sum = 0;
    for (int i = 0; i < image.values().length; i++) {
      sum += image.values()[i] * basis.rows().values()[i];
    }
    return sum;
  }

  /**
   * {@code (I−P)·S·(I−P)} for the projector P on {@code forbidden}, as {@code S − F(FᵀS) − (SF)Fᵀ +
   * F(FᵀSF)Fᵀ}: the projector is never formed.
   */
  public SymmetricMatrix without(Basis forbidden) {
    if (forbidden.rank() == 0) {
      return this;
    }
    DenseMatrix f = forbidden.rows();
    DenseMatrix image = f.times(full);
    DenseMatrix core = image.timesTransposed(f);
    // F·(FᵀS) − ½F·(FᵀSF)·Fᵀ and its transpose are all that is taken off.
    DenseMatrix half = f.transposedTimes(image.plus(-0.5, core.times(f)));
    int order = order();
    double[] rest = new double[order * order];
    for (int i = 0; i < order; i++) {
      for (int j = 0; j <= i; j++) {
        double value = full.at(i, j) - (half.at(i, j) + half.at(j, i));
        rest[i * order + j] = value;
        rest[j * order + i] = value;
      }
    }
    return new SymmetricMatrix(new DenseMatrix(order, order, rest));
  }
}
