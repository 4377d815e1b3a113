package dev.witnessmark.falsify;

/**
 * The same measurement with only the supposed cause changed: taken away where the claim holds, put
 * in where it does not. A claim is decided by it only if it comes out the other way.
 *
 * @param change what was changed
 * @param measured what was measured then
 */
public record Control(String change, double measured) {}
