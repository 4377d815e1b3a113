/**
 * How far two sequences of numbers are apart, in one pass: sums, counts, a histogram and the
 * largest differences. {@link dev.witnessmark.kernels.difference.DifferenceKernel} defines the
 * arithmetic to the bit; its scalar and vector implementations, and any number of threads whose
 * results are merged in order, agree in every bit.
 */
@NullMarked
package dev.witnessmark.kernels.difference;

import org.jspecify.annotations.NullMarked;
