package dev.witnessmark.compare.inspect;

import dev.witnessmark.model.IdentifiedTensor;

/**
 * One tensor of an inspected checkpoint.
 *
 * @param tensor the tensor with its meaning
 * @param findings what was found out by reading it
 */
public record InspectedTensor(IdentifiedTensor tensor, TensorInspector.Findings findings) {}
