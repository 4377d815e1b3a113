/**
 * The numerics contract: in which order what is not exact is added, and elementary functions
 * written out. Whoever follows it gets the same bits, on any vector width and any GPU.
 */
@NullMarked
package dev.witnessmark.kernels.numerics;

import org.jspecify.annotations.NullMarked;
