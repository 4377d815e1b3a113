/**
 * The arithmetic of the experiments, and of nothing else in the program: their blocks, their
 * activations, their own rule of quantising activations, and the orders of addition whose bits were
 * published.
 */
@NullMarked
package dev.witnessmark.falsify.path;

import org.jspecify.annotations.NullMarked;
