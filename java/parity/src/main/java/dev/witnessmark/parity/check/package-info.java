/** Whether a device computes what the oracle computes, and where it first does not. */
@NullMarked
package dev.witnessmark.parity.check;

import org.jspecify.annotations.NullMarked;
