package dev.witnessmark.compare.inspect;

import dev.witnessmark.model.IdentifiedTensor;
import org.jspecify.annotations.Nullable;

/**
 * One tensor of an inspected checkpoint.
 *
 * @param tensor the tensor with its meaning
 * @param summary statistics, or null if not asked for
 * @param sha256 hash of the stored bytes, or null if not asked for
 */
public record InspectedTensor(
    IdentifiedTensor tensor, @Nullable TensorSummary summary, @Nullable String sha256) {}
