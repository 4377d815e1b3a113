/**
 * What is computed, on a GPU. {@link dev.witnessmark.cuda.CudaDevice} runs operations by the
 * kernels of the folder {@code cuda}, one module for each family, and is held to the scalar oracle
 * before its first use. The emulated device is the same code with another driver below it.
 */
@NullMarked
package dev.witnessmark.cuda;

import org.jspecify.annotations.NullMarked;
