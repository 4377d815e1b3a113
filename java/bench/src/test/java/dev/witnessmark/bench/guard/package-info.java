/** Tests of the statistics and the verdict. */
@NullMarked
package dev.witnessmark.bench.guard;

import org.jspecify.annotations.NullMarked;
