/** Tests of fingerprints of checkpoints while they are read. */
@NullMarked
package dev.witnessmark.fingerprint.index;

import org.jspecify.annotations.NullMarked;
