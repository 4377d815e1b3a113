package dev.witnessmark.kernels.exact;

/** What a computation in float32 is free to choose, and what its budget has to allow for. */
public enum SumOrder {

  /** Nothing: the order of additions, the fmas and the exponential of the canonical arithmetic. */
  CANONICAL {
    @Override
    BoundedSum inOrder() {
      return BoundedSum.inOrder();
    }

    @Override
    BoundedSum of8() {
      return BoundedSum.of8();
    }

    @Override
    BoundedSum of256() {
      return BoundedSum.of256();
    }

    @Override
    Bounded exp(Bounded x) {
      return x.exp();
    }

    @Override
    Bounded quotient(Bounded x, Bounded y) {
      return x.over(y);
    }

    @Override
    Bounded root(Bounded x) {
      return x.squareRoot();
    }

    @Override
    Bounded product(Bounded x, Bounded factor, Bounded addend) {
      return x.timesPlus(factor, addend);
    }
  },

  /**
   * Everything that is float32 without fast math. Additions are in any order, each product is
   * rounded or part of an fma (Higham, Accuracy and Stability of Numerical Algorithms, 4.2 and
   * 3.1); exponential, quotient and root are up to 2 units in the last place off, which is the
   * largest of the errors that the CUDA programming guide states for expf, division, sqrtf and
   * rsqrtf; a quotient may be the product with a reciprocal that is this much off. Subnormal
   * numbers are kept.
   */
  ANY,

  /**
   * As {@link #ANY}, and products of matrices with float32 activations are those of tensor cores
   * with both factors rounded to bfloat16: each is off by 2⁻⁸ of itself, so the sum of n by (2⁻⁷ +
   * 2⁻¹⁶)·Σ|w·x| for them, and by γ of 5n/2 as a sum ({@link TensorCoreSum}). Where n is below
   * 50,000 the factors are what counts.
   */
  BFLOAT16 {
    @Override
    BoundedSum ofMatrix() {
      return new TensorCoreSum();
    }
  };

  private static final double ULPS = 2;

  /** A sum whose canonical order is one term after the other. */
  BoundedSum inOrder() {
    return BoundedSum.inAnyOrder();
  }

  /** A sum whose canonical order is that over blocks and cached positions. */
  BoundedSum of8() {
    return BoundedSum.inAnyOrder();
  }

  /** A sum whose canonical order is that of dot256 and sum256. */
  BoundedSum of256() {
    return BoundedSum.inAnyOrder();
  }

  /** A sum of products of weights with float32 activations, whose canonical order is dot256. */
  BoundedSum ofMatrix() {
    return of256();
  }

  Bounded exp(Bounded x) {
    return x.exp(ULPS).loosened(0, 0);
  }

  // the reciprocal 4 u and the product u, of which the quotient has u already
  Bounded quotient(Bounded x, Bounded y) {
    double ofReciprocal = ULPS * Float.MIN_VALUE * (Math.abs(x.value()) + x.error() + 1);
    return x.over(y).loosened(2 * ULPS * Bounded.U * (1 + Bounded.U), ofReciprocal);
  }

  // of the 4 u the root has u already
  Bounded root(Bounded x) {
    return x.squareRoot().loosened((2 * ULPS - 1) * Bounded.U, 0);
  }

  /** x · factor + addend. */
  Bounded product(Bounded x, Bounded factor, Bounded addend) {
    return x.times(factor).plus(addend);
  }
}
