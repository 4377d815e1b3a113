/** Evidence as frequency and confidence, in 32-bit floats, and the rules that combine it. */
@NullMarked
package dev.witnessmark.causal.truth;

import org.jspecify.annotations.NullMarked;
