/**
 * The decoder that all supported architectures are: its sizes, and the named points of its pass.
 */
@NullMarked
package dev.witnessmark.model.transformer;

import org.jspecify.annotations.NullMarked;
