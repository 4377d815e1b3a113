/**
 * Which tensor of one checkpoint is which of the other, across ecosystems, and through which view
 * the two become comparable. Nothing is dropped: what has no counterpart is a result.
 */
@NullMarked
package dev.witnessmark.compare.match;

import org.jspecify.annotations.NullMarked;
