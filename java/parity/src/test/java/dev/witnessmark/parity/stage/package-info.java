/** Tests of comparing stages. */
@NullMarked
package dev.witnessmark.parity.stage;

import org.jspecify.annotations.NullMarked;
