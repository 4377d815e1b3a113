package dev.witnessmark.inference;

import java.util.Optional;

/**
 * A matrix with what is added to its products.
 *
 * @param matrix {@code [out, in]}
 * @param bias {@code [1, out]}, where there is one
 */
public record Projection(Matrix matrix, Optional<Matrix> bias) {}
