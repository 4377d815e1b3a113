/** Tests of the ONNX reader against models built field by field. */
@NullMarked
package dev.witnessmark.format.onnx;

import org.jspecify.annotations.NullMarked;
