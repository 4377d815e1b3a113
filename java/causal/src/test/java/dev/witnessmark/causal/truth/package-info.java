@NullMarked
package dev.witnessmark.causal.truth;

import org.jspecify.annotations.NullMarked;
