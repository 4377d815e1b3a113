/** Fingerprints of checkpoints, computed while they are read, and the index files made of them. */
@NullMarked
package dev.witnessmark.fingerprint.index;

import org.jspecify.annotations.NullMarked;
