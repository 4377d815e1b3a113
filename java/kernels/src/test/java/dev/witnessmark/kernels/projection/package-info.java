/** Tests of the package of the same name. */
@NullMarked
package dev.witnessmark.kernels.projection;

import org.jspecify.annotations.NullMarked;
