/** Tests of the vocabulary of fingerprints. */
@NullMarked
package dev.witnessmark.fingerprint;

import org.jspecify.annotations.NullMarked;
