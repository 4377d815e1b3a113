/** Tests of products in double precision. */
@NullMarked
package dev.witnessmark.kernels.product;

import org.jspecify.annotations.NullMarked;
