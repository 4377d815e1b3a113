/**
 * Matrix products by cuBLAS, NVIDIA's own library: the yardstick of the fast paths and one of them.
 * Its order of additions is its own, so nothing here is canonical. JCuda's binding is used where it
 * loads, the installed library through the Foreign Function API where it does not, as on hosts that
 * have CUDA 13 only.
 */
@NullMarked
package dev.witnessmark.cuda.blas;

import org.jspecify.annotations.NullMarked;
