/** From an effect back to what may have caused it. */
@NullMarked
package dev.witnessmark.causal.trace;

import org.jspecify.annotations.NullMarked;
