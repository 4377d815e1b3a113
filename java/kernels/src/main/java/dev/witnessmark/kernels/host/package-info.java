/**
 * Operations on the CPU: a scalar implementation of each, which is the oracle, and one on the
 * Vector API.
 */
@NullMarked
package dev.witnessmark.kernels.host;

import org.jspecify.annotations.NullMarked;
