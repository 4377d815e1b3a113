/** Tests of the forward pass. */
@NullMarked
package dev.witnessmark.inference;

import org.jspecify.annotations.NullMarked;
