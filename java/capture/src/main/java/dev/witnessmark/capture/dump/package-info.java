/** Tensors that other tools have written: safetensors and NumPy files under names of their own. */
@NullMarked
package dev.witnessmark.capture.dump;

import org.jspecify.annotations.NullMarked;
