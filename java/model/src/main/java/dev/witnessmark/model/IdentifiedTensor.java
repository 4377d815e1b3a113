package dev.witnessmark.model;

import dev.witnessmark.format.TensorView;

/**
 * A tensor with its meaning.
 *
 * @param view name, type, shape and bytes
 * @param identity what it is
 * @param layout how its rows are stored
 * @param guessed true if no architecture table knows the name and the identity was read off it
 */
public record IdentifiedTensor(
    TensorView view, TensorIdentity identity, RowLayout layout, boolean guessed) {}
