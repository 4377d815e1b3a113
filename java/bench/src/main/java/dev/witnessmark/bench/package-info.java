/** Measured speed: cells, their raw samples, and the document {@code wmark-bench-v1}. */
@NullMarked
package dev.witnessmark.bench;

import org.jspecify.annotations.NullMarked;
