/** Fingerprints of rows, taken while the row comes by piece by piece. */
@NullMarked
package dev.witnessmark.kernels.projection;

import org.jspecify.annotations.NullMarked;
