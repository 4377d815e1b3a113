/**
 * What can be computed, as data. An {@link dev.witnessmark.kernels.operation.Operation} is one step
 * of arithmetic with its shape and parameters; it says which operands it takes, in which order and
 * how large they are. A {@link dev.witnessmark.kernels.operation.Device} runs operations on its own
 * kind of memory. Tests, benchmarks, documentation and kernels of a user's own all go through the
 * same records.
 */
@NullMarked
package dev.witnessmark.kernels.operation;

import org.jspecify.annotations.NullMarked;
