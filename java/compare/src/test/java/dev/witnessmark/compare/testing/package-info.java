/** Synthetic checkpoints in memory, and the slow comparison that the fast one is held against. */
@NullMarked
package dev.witnessmark.compare.testing;

import org.jspecify.annotations.NullMarked;
