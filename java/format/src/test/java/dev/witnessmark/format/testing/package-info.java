/** Builders of small model files, byte by byte, for tests of this and other modules. */
@NullMarked
package dev.witnessmark.format.testing;

import org.jspecify.annotations.NullMarked;
