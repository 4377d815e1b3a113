/** Tests of comparing captures. */
@NullMarked
package dev.witnessmark.parity.compare;

import org.jspecify.annotations.NullMarked;
