/** Tests of the package of the same name. */
@NullMarked
package dev.witnessmark.kernels.summary;

import org.jspecify.annotations.NullMarked;
