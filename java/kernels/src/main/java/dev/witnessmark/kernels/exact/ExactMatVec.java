package dev.witnessmark.kernels.exact;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.CompensatedSum;
import dev.witnessmark.kernels.decode.BlockFormula;
import dev.witnessmark.kernels.operation.MatVecF32;
import dev.witnessmark.kernels.operation.MatVecQ8;
import dev.witnessmark.kernels.operation.QuantiseActivations;
import java.lang.foreign.MemorySegment;

/** Products of decoded weights, on both paths. */
final class ExactMatVec {

  private ExactMatVec() {}

  /**
   * dot256 of floats: γ of ⌈n/256⌉ + ⌈log2 min(n, 256)⌉ times Σ|w·x|. On tensor cores the sum is
   * off by 2⁻⁷ of Σ|w·x| at most, which is what their rounded factors cost, and γ of 5n/2.
   */
  static Reference f32(MatVecF32 o, MemorySegment weights, Given activations, SumOrder order) {
    Bounded[] results = new Bounded[Math.multiplyExact(o.batch(), o.rows())];
    Bounded[] x = activations.f32(0, Math.multiplyExact(o.batch(), o.columns()));
    BoundedSum dot = order.ofMatrix();
    for (int row = 0; row < o.rows(); row++) {
      float[] w = ExactDecoding.row(o.type(), weights, row, o.columns());
      for (int column = 0; column < o.batch(); column++) {
        dot.clear();
        for (int i = 0; i < w.length; i++) {
          dot.addProduct(x[column * o.columns() + i], w[i]);
        }
        results[column * o.rows() + row] = dot.total();
      }
    }
    return Reference.of("results", 2, Numbers::f32, results);
  }

  /** The product of decoded weights and decoded activations; {@link #decoded} has the budget. */
  static Reference q8(
      MatVecQ8 o, MemorySegment weights, MemorySegment activations, SumOrder order) {
    Bounded[] results = new Bounded[Math.multiplyExact(o.batch(), o.rows())];
    float[][] x = new float[o.batch()][];
    for (int column = 0; column < o.batch(); column++) {
      x[column] = ExactDecoding.row(o.activationType(), activations, column, o.columns());
    }
    for (int row = 0; row < o.rows(); row++) {
      float[] w = ExactDecoding.row(o.type(), weights, row, o.columns());
      CodedRow coded = CodedRow.of(o.type(), weights, row, o.columns());
      for (int column = 0; column < o.batch(); column++) {
        results[column * o.rows() + row] =
            decoded(
                w, x[column], coded.times(o.activationType(), activations, column, order), order);
      }
    }
    return Reference.of("results", 2, Numbers::f32, results);
  }

  /**
   * Σ w·x of decoded numbers, with the budget of a canonical sum that uses scales and codes as they
   * are stored. The two real numbers differ by what decoding rounds, which is known, and is at most
   * γ_2·Σ|w·x| and 2⁻¹⁵⁰·Σ(|w| + |x|); more is not allowed, so that the integer sums, which are
   * computed by the formula that is judged, cannot excuse themselves.
   *
   * <p>Where the order is open, the decoded numbers may also be multiplied as they are, in a sum of
   * floats: the larger of the two budgets.
   */
  private static Bounded decoded(float[] w, float[] x, Bounded stored, SumOrder order) {
    CompensatedSum sum = new CompensatedSum();
    BoundedSum floats = order.of256();
    double magnitudes = 0;
    double both = 0;
    for (int i = 0; i < w.length; i++) {
      double product = (double) w[i] * x[i];
      sum.add(product);
      magnitudes += Math.abs(product);
      both += Math.abs(w[i]) + Math.abs(x[i]);
      floats.addProduct(w[i], x[i]);
    }
    double value = sum.value();
    if (!Double.isFinite(value) || !Double.isFinite(stored.value())) {
      boolean same = Double.compare(value, stored.value()) == 0;
      return same ? new Bounded(value, stored.error()) : Bounded.unlimited(value);
    }
    double most =
        Bounded.gamma(2, Bounded.U) * magnitudes + Bounded.HALF_SUBNORMAL * (1 + Bounded.U) * both;
    double decoding = Math.min(Math.abs(value - stored.value()), most);
    double ofCodes = decoding + stored.error();
    return new Bounded(
        value, order == SumOrder.CANONICAL ? ofCodes : Math.max(ofCodes, floats.total().error()));
  }

  static Reference beforeQuantisation(
      MatVecQ8 o,
      MemorySegment weights,
      MemorySegment blocks,
      MemorySegment activations,
      SumOrder order) {
    Reference quantised = q8(o, weights, blocks, order);
    double[] budgets =
        ExactQuantisation.quantise(
                new QuantiseActivations(o.activationType(), o.batch(), o.columns()),
                Given.stored(activations),
                order)
            .budgets();
    Bounded[] results = new Bounded[quantised.values().length];
    for (int row = 0; row < o.rows(); row++) {
      float[] w = ExactDecoding.row(o.type(), weights, row, o.columns());
      for (int column = 0; column < o.batch(); column++) {
        CompensatedSum sum = new CompensatedSum();
        double cost = 0;
        for (int i = 0; i < w.length; i++) {
          int at = column * o.columns() + i;
          float x = Numbers.f32(activations, at);
          double decoding = Bounded.U * (Math.abs(x) + budgets[at]) + Bounded.HALF_SUBNORMAL;
          sum.add((double) w[i] * x);
          cost += Math.abs(w[i]) * (budgets[at] + decoding);
        }
        int result = column * o.rows() + row;
        double error = quantised.budgets()[result] + cost;
        double value = sum.value();
        boolean known = Double.isFinite(value) && Double.isFinite(error);
        results[result] = known ? new Bounded(value, error) : Bounded.unlimited(value);
      }
    }
    return Reference.of("results", 2, Numbers::f32, results);
  }

  /**
   * The product of decoded weights and real numbers that quantised activations stand for, each
   * within its error e; what the blocks hold is not known. To Σ|w|·e comes what the product itself
   * may be off: γ of its roundings times Σ(|d_w·s·c| + |m|)·(|x| + e), with the scale code, code
   * and offset of a weight apart. A term goes through 3 roundings in its block and those of eight
   * lanes, or of all columns where the order is open; decoding adds 2 to either factor. Where
   * something is subnormal, 2⁻¹⁵⁰ is multiplied by an integer sum at most, and codes are below 2¹³,
   * those of activations below 2⁷.
   */
  static Reference q8(
      MatVecQ8 o, MemorySegment weights, Given.Computed activations, SumOrder order) {
    Bounded[] results = new Bounded[Math.multiplyExact(o.batch(), o.rows())];
    Bounded[] x = activations.f32(0, Math.multiplyExact(o.batch(), o.columns()));
    int blocks = o.columns() / o.type().blockElements();
    int additions = order == SumOrder.CANONICAL ? Math.ceilDiv(blocks, 8) + 3 : o.columns();
    double gamma = Bounded.gamma(additions + 7L, Bounded.U);
    BlockFormula formula = new BlockFormula(o.type());
    for (int row = 0; row < o.rows(); row++) {
      float[] w = ExactDecoding.row(o.type(), weights, row, o.columns());
      double[] parts = new double[w.length];
      for (int i = 0; i < w.length; i++) {
        long block = (long) row * blocks + i / o.type().blockElements();
        long at = block * o.type().blockBytes();
        int e = i % o.type().blockElements();
        double product = (double) formula.scale(weights, at, e) * formula.code(weights, at, e);
        double offset = formula.hasOffset() ? formula.offset(weights, at, e) : 0;
        parts[i] = Math.abs(product) + Math.abs(offset);
      }
      for (int column = 0; column < o.batch(); column++) {
        CompensatedSum sum = new CompensatedSum();
        double inherited = 0;
        double magnitudes = 0;
        double subnormal = 0x1p20 * (o.columns() + 2);
        for (int i = 0; i < w.length; i++) {
          Bounded number = x[column * o.columns() + i];
          double most = Math.abs(number.value()) + number.error();
          sum.add(w[i] * number.value());
          inherited += Math.abs(w[i]) * number.error();
          magnitudes += parts[i] * most;
          subnormal += 2 * (Math.abs(w[i]) + most);
        }
        double value = sum.value();
        double error = inherited + gamma * magnitudes + subnormal * Bounded.HALF_SUBNORMAL;
        boolean known = Double.isFinite(value) && magnitudes + error <= Float.MAX_VALUE;
        results[column * o.rows() + row] =
            known ? new Bounded(value, error) : Bounded.unlimited(value);
      }
    }
    return Reference.of("results", 2, Numbers::f32, results);
  }

  /**
   * A row as integers and the scales of its blocks. In a block of 32, whose one offset is a number
   * of its own, it counts as a minimum with code −1.
   *
   * @param products scale code times code, or the code, of each element
   * @param minima minimum code of each element
   * @param scales factor of the products, one for each block
   * @param minimum factor of the minima, one for each block
   * @param hasMinima whether the type has any
   */
  private record CodedRow(
      int[] products, int[] minima, float[] scales, float[] minimum, boolean hasMinima) {

    /** The fewest elements that share a scale code. */
    private static final int GROUP = 16;

    static CodedRow of(TensorType type, MemorySegment weights, int row, int columns) {
      BlockFormula formula = new BlockFormula(type);
      boolean coded = type.blockElements() == TensorType.Q8_K.blockElements();
      int blocks = columns / type.blockElements();
      CodedRow r =
          new CodedRow(
              new int[columns],
              new int[columns],
              new float[blocks],
              new float[blocks],
              formula.hasOffset());
      for (int i = 0; i < columns; i++) {
        int b = i / type.blockElements();
        int e = i % type.blockElements();
        long at = ((long) row * blocks + b) * type.blockBytes();
        int scaleCode = coded ? formula.scaleCode(weights, at, e) : 1;
        r.products[i] = scaleCode * formula.code(weights, at, e);
        r.scales[b] = coded ? formula.blockScale(weights, at) : formula.scale(weights, at, e);
        if (r.hasMinima) {
          r.minima[i] = coded ? formula.minimumCode(weights, at, e) : -1;
          r.minimum[b] = coded ? formula.blockMinimum(weights, at) : formula.offset(weights, at, e);
        }
      }
      return r;
    }

    /**
     * The canonical product with quantised activations. With u = d_w·d_x and v = d_min·d_x rounded,
     * I and M the integer sums: u, float(I), v, v·M and the fma are rounded, so a term is off by at
     * most γ_3·(|d_w·d_x·I| + |d_min·d_x·M|), and by 2⁻¹⁵⁰·(|I| + |M| + 2) where something is
     * subnormal; then eight lanes.
     *
     * <p>Where the order is open, integers may be summed over less than a block, each product and
     * minimum may be a term of its own, and its scale code a factor of its own: one rounding more
     * of every term of {@link #GROUP} elements, which have one scale code in all types.
     */
    Bounded times(TensorType type, MemorySegment activations, int column, SumOrder order) {
      BoundedSum sum = order.of8();
      int elements = products.length / scales.length;
      int group = order == SumOrder.CANONICAL ? elements : GROUP;
      int codes = type.blockBytes() - (type == TensorType.Q8_K ? 288 : 32);
      for (int b = 0; b < scales.length; b++) {
        long at = ((long) column * scales.length + b) * type.blockBytes();
        float scale =
            type == TensorType.Q8_K
                ? Numbers.f32At(activations, at)
                : Numbers.f16At(activations, at);
        Bounded d = Bounded.exactly(scale);
        Bounded u = Bounded.exactly(scales[b]).times(d);
        Bounded v = Bounded.exactly(minimum[b]).times(d).negated();
        for (int first = 0; first < elements; first += group) {
          int product = 0;
          int offset = 0;
          for (int e = first; e < first + group; e++) {
            int q = Numbers.i8At(activations, at + codes + e);
            product += products[b * elements + e] * q;
            offset += minima[b * elements + e] * q;
          }
          add(sum, u, Bounded.rounded(product), v, Bounded.rounded(offset), order);
        }
      }
      return sum.total();
    }

    private void add(
        BoundedSum sum, Bounded u, Bounded product, Bounded v, Bounded offset, SumOrder order) {
      if (order == SumOrder.CANONICAL) {
        sum.add(hasMinima ? u.timesPlus(product, v.times(offset)) : u.times(product));
        return;
      }
      sum.add(u.times(product).loosened(Bounded.U, Bounded.HALF_SUBNORMAL));
      if (hasMinima) {
        sum.add(v.times(offset).loosened(Bounded.U, Bounded.HALF_SUBNORMAL));
      }
    }
  }
}
