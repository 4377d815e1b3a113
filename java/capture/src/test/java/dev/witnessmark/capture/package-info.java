/** Tests of captures. */
@NullMarked
package dev.witnessmark.capture;

import org.jspecify.annotations.NullMarked;
