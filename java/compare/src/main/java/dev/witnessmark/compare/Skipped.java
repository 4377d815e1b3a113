package dev.witnessmark.compare;

/**
 * Something that was asked for and not compared.
 *
 * @param name the tensor
 * @param reason why not
 */
public record Skipped(String name, String reason) {}
