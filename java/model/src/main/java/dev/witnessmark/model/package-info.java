/**
 * What the numbers mean: tables of architectures that give a tensor's name in any ecosystem its
 * {@link dev.witnessmark.model.TensorIdentity} and say in which order its rows are stored.
 */
@NullMarked
package dev.witnessmark.model;

import org.jspecify.annotations.NullMarked;
