/**
 * Fingerprints of rows: what a Base17 fingerprint is, which tensors have them, and where they come
 * from (an index file, or a checkpoint while it is read).
 */
@NullMarked
package dev.witnessmark.fingerprint;

import org.jspecify.annotations.NullMarked;
