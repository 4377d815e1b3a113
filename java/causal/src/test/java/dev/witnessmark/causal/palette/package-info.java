@NullMarked
package dev.witnessmark.causal.palette;

import org.jspecify.annotations.NullMarked;
