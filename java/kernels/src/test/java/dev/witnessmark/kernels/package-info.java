/** Tests of the package of the same name. */
@NullMarked
package dev.witnessmark.kernels;

import org.jspecify.annotations.NullMarked;
