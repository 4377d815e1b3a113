/**
 * safetensors files and Hugging Face folders of them.
 *
 * <p>Layout: u64 little-endian header length, a JSON object of that length (may end in white
 * space), then the data. Each member has {@code dtype}, {@code shape} and {@code data_offsets}
 * [begin, end) relative to the end of the header; {@code __metadata__} maps texts to texts. The
 * tensors cover the data without holes or overlap, in any header order.
 */
@NullMarked
package dev.witnessmark.format.safetensors;

import org.jspecify.annotations.NullMarked;
