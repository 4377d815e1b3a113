/** Tests of what all kernels share. */
@NullMarked
package dev.witnessmark.kernels;

import org.jspecify.annotations.NullMarked;
