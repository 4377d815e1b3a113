/**
 * How much of what tuning does lies within a subspace: shares of energy, how they compare with
 * random subspaces, and with the best of the same rank.
 */
@NullMarked
package dev.witnessmark.explain.score;

import org.jspecify.annotations.NullMarked;
