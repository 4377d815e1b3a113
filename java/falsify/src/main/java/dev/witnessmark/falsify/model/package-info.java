/** The experiments' questions, asked of the weights and activations of a real model. */
@NullMarked
package dev.witnessmark.falsify.model;

import org.jspecify.annotations.NullMarked;
