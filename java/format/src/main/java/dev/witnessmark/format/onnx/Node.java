package dev.witnessmark.format.onnx;

import java.util.List;
import java.util.Set;

/**
 * A node of the graph, as far as weights pass through it.
 *
 * @param operator {@code op_type}
 * @param name name of the node, often the path of the module it was exported from
 * @param inputs names of its first inputs, empty for one that is left out
 * @param output name of its first output, empty if there is none
 * @param axis attribute {@code axis}, 1 if absent as {@code DequantizeLinear} has it
 * @param blockSize attribute {@code block_size}, 0 if absent
 * @param transB attribute {@code transB}: the second factor is stored transposed
 * @param permutation attribute {@code perm}, empty if absent
 */
record Node(
    String operator,
    String name,
    List<String> inputs,
    String output,
    long axis,
    long blockSize,
    boolean transB,
    List<Long> permutation) {

  static final String ADD = "Add";
  static final String CAST = "Cast";
  static final String CONSTANT = "Constant";
  static final String DEQUANTIZE = "DequantizeLinear";
  static final String GATHER = "Gather";
  static final String IDENTITY = "Identity";
  static final String MULTIPLY = "Mul";
  static final String TRANSPOSE = "Transpose";

  /** Inputs that are kept: all that any operator of {@link Product} has. */
  static final int INPUTS = 9;

  private static final Set<String> CARRIERS =
      Set.of(ADD, CAST, DEQUANTIZE, GATHER, IDENTITY, MULTIPLY, TRANSPOSE);

  /** onnxruntime's operators on several integers in a byte, which are no element type of ONNX. */
  private static final Set<String> PACKED =
      Set.of("GatherBlockQuantized", "MatMulBnb4", "MatMulFpQ4", "MatMulNBits");

  Node {
    inputs = List.copyOf(inputs);
    permutation = List.copyOf(permutation);
  }

  /** True if a weight's name, orientation or scale can depend on nodes of this operator. */
  static boolean matters(String operator) {
    return CARRIERS.contains(operator) || Product.of(operator).isPresent();
  }

  /** True if the weights of this operator look like bytes but are smaller integers. */
  static boolean packed(String operator) {
    return PACKED.contains(operator);
  }

  /** Name of input {@code index}, empty if the node has none there. */
  String input(int index) {
    return index >= 0 && index < inputs.size() ? inputs.get(index) : "";
  }

  /** True for a transposition that exchanges the two dimensions of a matrix. */
  boolean exchangesDimensions() {
    return operator.equals(TRANSPOSE)
        && (permutation.isEmpty() || permutation.equals(List.of(1L, 0L)));
  }
}
