/**
 * The third arithmetic: float64, the arbiter that says which of two sides is wrong, and how far the
 * canonical arithmetic, or one in any order, may be from it, derived element by element. Nothing
 * here is fast.
 */
@NullMarked
package dev.witnessmark.kernels.exact;

import org.jspecify.annotations.NullMarked;
