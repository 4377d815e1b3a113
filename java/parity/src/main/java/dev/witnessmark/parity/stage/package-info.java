/** Two tensors of one stage, value by value. */
@NullMarked
package dev.witnessmark.parity.stage;

import org.jspecify.annotations.NullMarked;
