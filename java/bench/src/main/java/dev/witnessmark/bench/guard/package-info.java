/** Did it get slower, or is it noise: statistics of two benchmark results, and the verdict. */
@NullMarked
package dev.witnessmark.bench.guard;

import org.jspecify.annotations.NullMarked;
