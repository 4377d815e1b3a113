/** Edges and heads packed into 64-bit words, and the files made of them. */
@NullMarked
package dev.witnessmark.causal.palette;

import org.jspecify.annotations.NullMarked;
