/**
 * What a fine-tune rewired: rows that shifted, weighed as evidence; several diffs together; experts
 * that look alike.
 */
@NullMarked
package dev.witnessmark.causal;

import org.jspecify.annotations.NullMarked;
