package dev.witnessmark.kernels.conformance;

/**
 * The first place where a device's result is not the oracle's.
 *
 * @param operand which output
 * @param index which element of it
 * @param expected the oracle's bits
 * @param actual the device's bits
 * @param elements how many elements of that output differ
 */
public record Mismatch(String operand, long index, long expected, long actual, long elements) {}
