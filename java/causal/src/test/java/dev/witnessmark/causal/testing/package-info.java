/** Golden data, for the tests of other modules too. */
@NullMarked
package dev.witnessmark.causal.testing;

import org.jspecify.annotations.NullMarked;
