package dev.witnessmark.format.onnx;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Operators that multiply by a weight, and which of their inputs say what about it. {@code QGemm}
 * is onnxruntime's, the others are of the ONNX standard.
 */
enum Product {
  MAT_MUL("MatMul", 1, Product.NONE, Product.NONE, Product.NONE),
  GEMM("Gemm", 1, Product.NONE, Product.NONE, 2),
  MAT_MUL_INTEGER("MatMulInteger", 1, Product.NONE, 3, Product.NONE),
  CONV_INTEGER("ConvInteger", 1, Product.NONE, 3, Product.NONE),
  Q_LINEAR_MAT_MUL("QLinearMatMul", 3, 4, 5, Product.NONE),
  Q_GEMM("QGemm", 3, 4, 5, 6);

  private static final int NONE = -1;
  private static final Map<String, Product> BY_OPERATOR =
      Arrays.stream(values()).collect(Collectors.toMap(p -> p.operator, Function.identity()));

  private final String operator;
  private final int weightInput;
  private final int scaleInput;
  private final int zeroPointInput;
  private final int biasInput;

  Product(String operator, int weightInput, int scaleInput, int zeroPointInput, int biasInput) {
    this.operator = operator;
    this.weightInput = weightInput;
    this.scaleInput = scaleInput;
    this.zeroPointInput = zeroPointInput;
    this.biasInput = biasInput;
  }

  /** The product that the operator {@code op_type} is, if it is one. */
  static Optional<Product> of(String operator) {
    return Optional.ofNullable(BY_OPERATOR.get(operator));
  }

  /** Value that {@code node} multiplies by. */
  String weight(Node node) {
    return node.input(weightInput);
  }

  /** Value with the weight's scale; empty where the operator takes none. */
  String scale(Node node) {
    return node.input(scaleInput);
  }

  /** Value with the weight's zero point; empty where there is none. */
  String zeroPoint(Node node) {
    return node.input(zeroPointInput);
  }

  /** Value that is added to the product; empty where there is none. */
  String bias(Node node) {
    return node.input(biasInput);
  }

  /** True for integer products that leave the scale to nodes behind them. */
  boolean scaledLater() {
    return this == MAT_MUL_INTEGER || this == CONV_INTEGER;
  }

  /** True if {@code node} takes a matrix as {@code [in, out]}. */
  boolean inputsFirst(Node node) {
    return this != CONV_INTEGER && !node.transB();
  }

  /** The dimension of a weight of {@code rank} dimensions that belongs to the outputs. */
  int outputAxis(Node node, int rank) {
    return inputsFirst(node) ? rank - 1 : 0;
  }
}
