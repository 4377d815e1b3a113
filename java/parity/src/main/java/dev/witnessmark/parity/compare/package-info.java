/** Two captures side by side, in forward order: where they part, and which side is to blame. */
@NullMarked
package dev.witnessmark.parity.compare;

import org.jspecify.annotations.NullMarked;
