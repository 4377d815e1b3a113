@NullMarked
package dev.witnessmark.causal.gate;

import org.jspecify.annotations.NullMarked;
