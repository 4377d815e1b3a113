/**
 * Tensors as matrices of values, whatever their storage: stored, sliced out of a fused or stacked
 * tensor, with permuted rows, transposed, or a base plus a low-rank update. A pair of them has the
 * same shape and can be compared value by value.
 */
@NullMarked
package dev.witnessmark.compare.matrix;

import org.jspecify.annotations.NullMarked;
