package dev.witnessmark.format.onnx;

import dev.witnessmark.format.Metadata;
import java.util.List;

/**
 * What is kept of a model file. The contents of subgraphs (the branches of {@code If}, the body of
 * {@code Loop}) stand among those of the graph around them.
 *
 * @param irVersion version of the format, {@code ir_version}
 * @param initializers constant tensors in file order, under names that are unique
 * @param nodes nodes through which weights pass, in file order
 */
record Graph(long irVersion, Metadata metadata, List<Initializer> initializers, List<Node> nodes) {}
