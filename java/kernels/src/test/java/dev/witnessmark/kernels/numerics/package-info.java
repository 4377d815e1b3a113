/** The contract's functions against golden results. */
@NullMarked
package dev.witnessmark.kernels.numerics;

import org.jspecify.annotations.NullMarked;
