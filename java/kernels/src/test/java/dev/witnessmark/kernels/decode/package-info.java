/** Tests of the decoders, against golden values and against each other. */
@NullMarked
package dev.witnessmark.kernels.decode;

import org.jspecify.annotations.NullMarked;
