package dev.witnessmark.inference.text;

/**
 * Two neighbouring tokens that become one, whose text is theirs joined.
 *
 * @param left id of the first
 * @param right id of the second
 */
record Merge(int left, int right) {}
