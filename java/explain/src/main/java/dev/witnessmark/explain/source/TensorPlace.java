package dev.witnessmark.explain.source;

import dev.witnessmark.model.Role;

/**
 * Where a matrix is in a model.
 *
 * @param role what it is for
 * @param layer number of its block, {@link dev.witnessmark.model.TensorIdentity#NONE} outside
 */
public record TensorPlace(Role role, int layer) {}
