package dev.witnessmark.format.onnx;

import dev.witnessmark.format.Metadata;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * What is kept of a model file. The contents of subgraphs (the branches of {@code If}, the body of
 * {@code Loop}) stand among those of the graph around them.
 *
 * @param irVersion version of the format, {@code ir_version}
 * @param initializers constant tensors by name, in file order
 * @param nodes nodes through which weights pass, in file order
 */
record Graph(
    long irVersion, Metadata metadata, Map<String, Initializer> initializers, List<Node> nodes) {

  Graph {
    initializers = Collections.unmodifiableMap(initializers);
    nodes = List.copyOf(nodes);
  }
}
