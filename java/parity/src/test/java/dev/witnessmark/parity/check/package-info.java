/** Parity checks on devices with planted faults. */
@NullMarked
package dev.witnessmark.parity.check;

import org.jspecify.annotations.NullMarked;
