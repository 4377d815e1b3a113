/** Tests of the arbiter and of its budgets. */
@NullMarked
package dev.witnessmark.kernels.exact;

import org.jspecify.annotations.NullMarked;
