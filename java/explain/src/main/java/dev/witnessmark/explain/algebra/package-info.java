/**
 * Linear algebra of subspaces in double precision: dense and symmetric matrices, bases with the gap
 * at which they were cut, eigenvectors, principal components and what is made of them. Products run
 * on {@link dev.witnessmark.kernels.product.ProductKernel} and have the same bits on every machine.
 */
@NullMarked
package dev.witnessmark.explain.algebra;

import org.jspecify.annotations.NullMarked;
