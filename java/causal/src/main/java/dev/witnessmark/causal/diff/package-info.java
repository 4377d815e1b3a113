/**
 * Which rows of which tensors shifted between two models: edges, heads, scaffold, revision over
 * several diffs.
 */
@NullMarked
package dev.witnessmark.causal.diff;

import org.jspecify.annotations.NullMarked;
