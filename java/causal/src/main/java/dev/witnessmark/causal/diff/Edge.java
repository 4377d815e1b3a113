package dev.witnessmark.causal.diff;

import dev.witnessmark.causal.truth.Truth;
import dev.witnessmark.fingerprint.LayerType;
import dev.witnessmark.fingerprint.Projection;
import java.util.OptionalLong;

/**
 * One row that shifted.
 *
 * @param tensor the tensor's name in the base
 * @param row the row
 * @param block the block that the name says, if it does
 * @param projection what the tensor projects
 * @param layerType what the tensor is filed under
 * @param verb what the edge says
 * @param distance how far the row moved, in the measure of the diff
 * @param truth how much of a change that is, and on how many rows it rests
 */
public record Edge(
    String tensor,
    long row,
    OptionalLong block,
    Projection projection,
    LayerType layerType,
    Verb verb,
    double distance,
    Truth truth) {}
