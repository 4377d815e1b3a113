/** Tests of measured speed and its document. */
@NullMarked
package dev.witnessmark.bench;

import org.jspecify.annotations.NullMarked;
