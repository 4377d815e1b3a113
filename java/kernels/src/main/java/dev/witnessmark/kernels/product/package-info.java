/**
 * Products of matrices in double precision, tile by tile: {@link
 * dev.witnessmark.kernels.product.ProductKernel} defines the arithmetic to the bit.
 */
@NullMarked
package dev.witnessmark.kernels.product;

import org.jspecify.annotations.NullMarked;
