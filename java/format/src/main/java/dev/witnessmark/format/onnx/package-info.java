/**
 * ONNX weights. The graph is streamed field by field without touching a payload; anonymous matrices
 * take name and orientation from the node that uses them, integer ones their scale and zero point.
 * Field numbers and element types are those of {@code onnx.proto}.
 */
@NullMarked
package dev.witnessmark.format.onnx;

import org.jspecify.annotations.NullMarked;
