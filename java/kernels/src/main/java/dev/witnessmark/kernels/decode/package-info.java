/**
 * Stored values become float32: a {@link dev.witnessmark.kernels.decode.Decoder} for every tensor
 * type, once as the formula of the format element by element, once on the Vector API.
 */
@NullMarked
package dev.witnessmark.kernels.decode;

import org.jspecify.annotations.NullMarked;
