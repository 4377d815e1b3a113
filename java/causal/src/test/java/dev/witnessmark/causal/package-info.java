@NullMarked
package dev.witnessmark.causal;

import org.jspecify.annotations.NullMarked;
