/** What a model computes: the forward pass as a list of steps over any device, and in float64. */
@NullMarked
package dev.witnessmark.inference;

import org.jspecify.annotations.NullMarked;
