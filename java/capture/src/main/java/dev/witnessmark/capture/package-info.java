/** Stages of the forward pass on disk: APRT files, their manifest, and dumps of other tools. */
@NullMarked
package dev.witnessmark.capture;

import org.jspecify.annotations.NullMarked;
