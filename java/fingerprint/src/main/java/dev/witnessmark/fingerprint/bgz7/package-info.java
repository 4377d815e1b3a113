/**
 * Index files: fingerprints on disk. Bytes {@code BGZ7}, a u32 number of records, then for each a
 * u32 length and that many bytes of UTF-8 (the tensor's name), a u8 layer type, u32 rows, u32
 * columns and 34 bytes for every row. All numbers are little-endian; nothing is aligned.
 */
@NullMarked
package dev.witnessmark.fingerprint.bgz7;

import org.jspecify.annotations.NullMarked;
