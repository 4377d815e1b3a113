/**
 * GGUF v2 and v3, little and big endian, in one file or split into parts.
 *
 * <p>Layout: magic {@code GGUF}, u32 version, u64 tensor count, u64 pair count, the pairs of key
 * and value, the tensor descriptions, padding to the alignment, data. Text is u64 length plus
 * bytes. A pair is key, u32 type, value; an array is u32 element type, u64 count, elements. A
 * tensor description is name, u32 number of dimensions, u64 each (fastest first), u32 storage type,
 * u64 offset from the start of the data section.
 */
@NullMarked
package dev.witnessmark.format.gguf;

import org.jspecify.annotations.NullMarked;
