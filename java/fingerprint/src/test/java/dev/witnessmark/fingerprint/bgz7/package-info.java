/** Tests of index files of fingerprints. */
@NullMarked
package dev.witnessmark.fingerprint.bgz7;

import org.jspecify.annotations.NullMarked;
