/**
 * Which small subspaces of the hidden state, made from base weights and base activations alone,
 * explain a fine-tune: what it did to the weights that write there, and what it does to the state
 * itself. {@link dev.witnessmark.explain.Explanation} runs it.
 */
@NullMarked
package dev.witnessmark.explain;

import org.jspecify.annotations.NullMarked;
