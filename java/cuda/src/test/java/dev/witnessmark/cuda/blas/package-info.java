/** cuBLAS, or on the emulated device a library that is called like it. */
@NullMarked
package dev.witnessmark.cuda.blas;

import org.jspecify.annotations.NullMarked;
