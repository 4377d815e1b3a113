@NullMarked
package dev.witnessmark.causal.quality;

import org.jspecify.annotations.NullMarked;
