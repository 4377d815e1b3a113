package dev.witnessmark.compare.match;

import dev.witnessmark.format.Shape;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.model.TensorIdentity;

/**
 * A tensor without a counterpart on the other side.
 *
 * @param name its name
 * @param identity what it is
 * @param guessed true if no architecture table knows it
 * @param type how it is stored
 * @param shape its dimensions
 */
public record Unpaired(
    String name, TensorIdentity identity, boolean guessed, TensorType type, Shape shape) {}
