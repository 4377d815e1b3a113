/**
 * Benchmarks of the kernels with JMH, and the program that runs them and sets them against the read
 * bandwidth of the machine, measured in the same run.
 */
@NullMarked
package dev.witnessmark.benchmarks;

import org.jspecify.annotations.NullMarked;
