/**
 * What the values of one tensor are like: range, mean, root mean square, zeros, NaN, infinities.
 */
@NullMarked
package dev.witnessmark.kernels.summary;

import org.jspecify.annotations.NullMarked;
