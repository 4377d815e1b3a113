package dev.witnessmark.parity.trace;

import java.util.Optional;

/**
 * What a model is given to read.
 *
 * @param text where it was given as text
 * @param tokens its token ids
 */
public record Prompt(Optional<String> text, int[] tokens) {}
