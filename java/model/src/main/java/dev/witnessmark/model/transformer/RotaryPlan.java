package dev.witnessmark.model.transformer;

/**
 * How positions turn queries and keys.
 *
 * @param interleaved whether elements 2i and 2i + 1 form a pair, else i and i + rotated/2
 * @param rotated elements of a head that are turned, an even number
 * @param theta the base of the wavelengths
 * @param scaling how they are stretched
 */
public record RotaryPlan(boolean interleaved, int rotated, double theta, RotaryScaling scaling) {}
