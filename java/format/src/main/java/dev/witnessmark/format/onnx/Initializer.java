package dev.witnessmark.format.onnx;

import dev.witnessmark.format.Shape;

/**
 * A constant tensor of the graph: an initializer, or the value of a {@code Constant} node.
 *
 * @param name the name by which nodes refer to it
 * @param dataType {@code TensorProto.data_type}, not yet checked
 * @param shape dimensions, slowest first
 * @param payload where the values are
 * @param constant true for the value of a {@code Constant} node
 * @param offset first byte of its description, for refusals
 */
record Initializer(
    String name, long dataType, Shape shape, Payload payload, boolean constant, long offset) {

  /** What a refusal about it is about. */
  String subject() {
    return "initializer " + name;
  }
}
