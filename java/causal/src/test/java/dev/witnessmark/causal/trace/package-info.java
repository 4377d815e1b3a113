@NullMarked
package dev.witnessmark.causal.trace;

import org.jspecify.annotations.NullMarked;
