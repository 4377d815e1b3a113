/**
 * What it takes to say that a device computes right: operations of awkward shapes, inputs that find
 * mistakes, and the comparison with the scalar oracle, bit for bit.
 */
@NullMarked
package dev.witnessmark.kernels.conformance;

import org.jspecify.annotations.NullMarked;
