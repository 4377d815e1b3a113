/**
 * Stages on disk: one folder for what a model computed on one input.
 *
 * <p>{@code layer-N/STAGE.bin} holds a stage of a layer, {@code STAGE.bin} one of the whole model,
 * and {@code manifest.json} says what was run, how, and what every file holds; the last one to be
 * written, it is what makes the folder a capture. One that was computed in float64 has an {@code
 * exact.safetensors} too, with a tensor {@code layer-N/STAGE} for every file, which is its
 * rounding.
 *
 * <p>The files are APRT files, one float32 tensor each: the four bytes {@code APRT}, u32
 * little-endian layer ({@code 0xFFFFFFFF} where the tensor belongs to none), u32 little-endian
 * number of elements n, then n float32 little-endian, row by row; 12 + 4n bytes, no more and no
 * less. They do not say which stage they are, nor its shape.
 */
@NullMarked
package dev.witnessmark.capture;

import org.jspecify.annotations.NullMarked;
