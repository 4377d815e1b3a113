package dev.witnessmark.format.onnx;

import java.util.OptionalLong;

/**
 * Which values scale an integer weight.
 *
 * @param scale name of the value with the scales
 * @param zeroPoint name of the value with the zero points, empty for zero
 * @param axis the dimension of the stored weight that several scales belong to, not yet checked;
 *     empty if only one scale for all of it has a meaning
 * @param blockSize elements of {@code axis} that share a scale, 0 if scales are not blocked
 */
record Scaling(String scale, String zeroPoint, OptionalLong axis, long blockSize) {}
