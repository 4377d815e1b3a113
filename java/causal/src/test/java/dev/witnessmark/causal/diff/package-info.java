@NullMarked
package dev.witnessmark.causal.diff;

import org.jspecify.annotations.NullMarked;
