/** Tests of the package of the same name. */
@NullMarked
package dev.witnessmark.kernels.difference;

import org.jspecify.annotations.NullMarked;
