/**
 * Operations with their golden operands and results, for every device to be held to. Published as
 * the test-jar of this module.
 */
@NullMarked
package dev.witnessmark.kernels.testing;

import org.jspecify.annotations.NullMarked;
