/**
 * What is computed: every kernel as a scalar oracle and on the Vector API, with equal bits. {@link
 * dev.witnessmark.kernels.VectorWidth} says which of the two this process uses and why.
 */
@NullMarked
package dev.witnessmark.kernels;

import org.jspecify.annotations.NullMarked;
