/** Tests of the pairing of tensors. */
@NullMarked
package dev.witnessmark.compare.match;

import org.jspecify.annotations.NullMarked;
