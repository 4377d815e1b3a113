package dev.witnessmark.falsify.model;

/**
 * How far the output of a layer on path {@code q8} is from that on {@code f32}: the length of the
 * difference over that of the output, over all positions.
 *
 * @param layer which layer
 * @param own if what goes in is that of {@code f32}
 * @param whole if all layers before it took path {@code q8} too
 * @param fromFirst if only the first layer did: what becomes of one layer's difference
 * @param doubled as {@code whole}, with the difference made twice as large after every layer: what
 *     compounding would look like
 */
public record LayerDifference(
    int layer, double own, double whole, double fromFirst, double doubled) {}
