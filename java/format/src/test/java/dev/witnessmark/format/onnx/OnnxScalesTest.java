package dev.witnessmark.format.onnx;

import static dev.witnessmark.format.testing.OnnxBytes.attribute;
import static dev.witnessmark.format.testing.OnnxBytes.floats;
import static dev.witnessmark.format.testing.OnnxBytes.message;
import static dev.witnessmark.format.testing.OnnxBytes.node;
import static dev.witnessmark.format.testing.OnnxBytes.tensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.witnessmark.format.AffineCode;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.format.testing.OnnxBytes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Scales and zero points of 8-bit weights. */
class OnnxScalesTest {

  private static final float[] THREE = {0.5f, 0.25f, 2f};

  @TempDir private Path folder;

  @Test
  void aDequantisedWeightHasTheScaleOfItsNode() throws IOException {
    OnnxBytes graph =
        message()
            .with(node("DequantizeLinear", "", "w", "w_quantized", "s", "z"))
            .with(node("MatMul", "/a/MatMul", "y", "x", "w"))
            .initializer(codes("w_quantized"))
            .initializer(floats("s", List.of(), 0.5f))
            .initializer(tensor("z", OnnxBytes.UINT8).bytes(9, new byte[] {(byte) 200}));

    TensorView weight = only(graph);

    assertThat(weight.name()).isEqualTo("w");
    assertThat(weight.storedName()).isEqualTo("w_quantized");
    assertThat(weight.type()).isEqualTo(TensorType.U8);
    assertThat(weight.transposed()).isTrue();
    assertThat(weight.affine()).isEqualTo(new AffineCode(new float[] {0.5f}, new int[] {200}, 0));
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "-1, 1"})
  void scalesMayBelongToADimension(long axis, int expected) throws IOException {
    OnnxBytes graph =
        message()
            .with(
                node("DequantizeLinear", "", "w", "w_quantized", "s")
                    .attributed(attribute("axis", axis)))
            .initializer(codes("w_quantized"))
            .initializer(floats("s", List.of(3L), THREE));

    assertThat(only(graph).affine()).isEqualTo(new AffineCode(THREE, new int[3], expected));
  }

  @Test
  void aTranspositionBeforeTheScaleTurnsItsDimension() throws IOException {
    OnnxBytes graph =
        message()
            .with(node("Transpose", "", "t", "w_quantized"))
            .with(node("DequantizeLinear", "", "w", "t", "s").attributed(attribute("axis", 0)))
            .initializer(codes("w_quantized"))
            .initializer(floats("s", List.of(3L), THREE));

    assertThat(only(graph).affine()).isEqualTo(new AffineCode(THREE, new int[3], 1));
  }

  @Test
  void anIntegerProductIsScaledByNameAndNamedByItsBias() throws IOException {
    OnnxBytes graph =
        message()
            .with(
                node(
                    "MatMulInteger",
                    "MatMul_1_quant",
                    "p",
                    "x",
                    "7_quantized",
                    "xz",
                    "7_zero_point"))
            .with(node("Cast", "", "c", "p"))
            .with(node("Mul", "", "m", "c", "scales"))
            .with(node("Add", "", "y", "query.bias", "m"))
            .initializer(floats("query.bias", List.of(3L), 1f, 2f, 3f))
            .initializer(floats("7_scale", List.of(3L), THREE))
            .initializer(tensor("7_zero_point", OnnxBytes.INT8, 3).integers(5, 0, -128, 127))
            .initializer(codes("7_quantized"));

    List<TensorView> tensors = ModelFile.ofGraph(folder, graph).tensors();

    assertThat(tensors).extracting(TensorView::name).containsExactly("query.bias", "query.weight");
    assertThat(tensors.get(1).storedName()).isEqualTo("7_quantized");
    assertThat(tensors.get(1).affine())
        .isEqualTo(new AffineCode(THREE, new int[] {0, -128, 127}, 1));
  }

  @Test
  void theOutputsOfAConvolutionComeFirst() throws IOException {
    OnnxBytes graph =
        message()
            .with(node("ConvInteger", "", "p", "x", "w_quantized"))
            .initializer(tensor("w_quantized", OnnxBytes.UINT8, 3, 1, 1, 2).bytes(9, new byte[6]))
            .initializer(floats("w_scale", List.of(3L), THREE));

    assertThat(only(graph).affine()).isEqualTo(new AffineCode(THREE, new int[3], 0));
  }

  @Test
  void aQuantisedProductNamesItsScale() throws IOException {
    OnnxBytes graph =
        message()
            .with(
                node(
                    "QLinearMatMul",
                    "/a/MatMul_quant",
                    "y",
                    "x",
                    "xs",
                    "xz",
                    "val_1",
                    "s",
                    "z",
                    "ys",
                    "yz"))
            .initializer(codes("val_1"))
            .initializer(tensor("s", OnnxBytes.FLOAT16, 3).integers(5, 0x3800, 0x3400, 0x4000))
            .initializer(tensor("z", OnnxBytes.INT32).integers(5, -3));

    TensorView weight = only(graph);

    assertThat(weight.name()).isEqualTo("a.weight");
    assertThat(weight.affine()).isEqualTo(new AffineCode(THREE, new int[] {-3, -3, -3}, 1));
  }

  @Test
  void aQuantisedGemmScalesItsOutputs() throws IOException {
    OnnxBytes graph =
        message()
            .with(
                node("QGemm", "", "y", "x", "xs", "xz", "w", "s", "z", "dense.bias")
                    .attributed(attribute("transB", 1)))
            .initializer(codes("w"))
            .initializer(tensor("s", OnnxBytes.BFLOAT16, 2).integers(5, 0x3f80, 0x4000))
            .initializer(tensor("z", OnnxBytes.INT8, 2).bytes(9, new byte[] {1, -1}));

    TensorView weight = only(graph);

    assertThat(weight.transposed()).isFalse();
    assertThat(weight.affine())
        .isEqualTo(new AffineCode(new float[] {1f, 2f}, new int[] {1, -1}, 0));
  }

  @Test
  void aGatheredTableHasOneScale() throws IOException {
    OnnxBytes graph =
        message()
            .with(node("Gather", "", "g", "words.weight_quantized", "ids"))
            .with(node("DequantizeLinear", "", "e", "g", "s"))
            .initializer(codes("words.weight_quantized"))
            .initializer(floats("s", List.of(1L), 0.5f));

    TensorView table = only(graph);

    assertThat(table.name()).isEqualTo("words.weight");
    assertThat(table.affine()).isEqualTo(new AffineCode(new float[] {0.5f}, new int[1], 0));
  }

  @Test
  void aNameThatIsTakenKeepsWhatQuantisationAppended() throws IOException {
    OnnxBytes graph =
        message()
            .with(node("DequantizeLinear", "", "d", "w_quantized", "s"))
            .initializer(codes("w_quantized"))
            .initializer(floats("w", List.of(1L), 1f))
            .initializer(floats("s", List.of(), 0.5f));

    assertThat(ModelFile.ofGraph(folder, graph).tensors())
        .extracting(TensorView::name)
        .containsExactly("w_quantized", "w");
  }

  @Test
  void aWrongNumberOfScalesIsRefused() {
    OnnxBytes graph =
        message()
            .with(node("DequantizeLinear", "", "w", "w_quantized", "s"))
            .initializer(codes("w_quantized"))
            .initializer(floats("s", List.of(2L), 1f, 2f));

    assertThatExceptionOfType(Refusal.Inconsistent.class)
        .isThrownBy(() -> only(graph))
        .satisfies(refusal -> {
          assertThat(refusal.found()).isEqualTo(2);
          assertThat(refusal.expected()).isEqualTo(3);
        });
  }

  @Test
  void anEmptyListOfScalesIsRefused() {
    OnnxBytes graph =
        message()
            .with(node("DequantizeLinear", "", "w", "q", "s"))
            .initializer(tensor("q", OnnxBytes.UINT8, 2, 0))
            .initializer(tensor("s", OnnxBytes.FLOAT, 0));

    assertThatExceptionOfType(Refusal.Inconsistent.class)
        .isThrownBy(() -> only(graph))
        .satisfies(refusal -> assertThat(refusal.found()).isZero());
  }

  @Test
  void blockedScalesAreRefused() {
    assertUnsupported(
        message()
            .with(
                node("DequantizeLinear", "", "w", "w_quantized", "s")
                    .attributed(attribute("block_size", 2)))
            .initializer(codes("w_quantized"))
            .initializer(floats("s", List.of(1L), 1f)));
  }

  @Test
  void manyScalesOfAGatheredTableAreRefused() {
    assertUnsupported(
        message()
            .with(node("Gather", "", "g", "w_quantized", "ids"))
            .with(node("DequantizeLinear", "", "w", "g", "s"))
            .initializer(codes("w_quantized"))
            .initializer(floats("s", List.of(3L), THREE)));
  }

  @Test
  void anAxisOutsideTheShapeIsRefused() {
    assertUnsupported(
        message()
            .with(
                node("DequantizeLinear", "", "w", "w_quantized", "s")
                    .attributed(attribute("axis", Long.MIN_VALUE)))
            .initializer(codes("w_quantized"))
            .initializer(floats("s", List.of(3L), THREE)));
  }

  @Test
  void aScaleThatIsComputedIsRefused() {
    assertUnsupported(
        message()
            .with(node("MatMulInteger", "", "y", "x", "w_quantized"))
            .initializer(codes("w_quantized")));
  }

  @Test
  void severalValuesInAByteAreRefused() {
    assertUnsupported(
        message()
            .with(node("MatMulNBits", "", "y", "x", "w_q4", "s"))
            .initializer(codes("w_q4"))
            .initializer(floats("s", List.of(3L), THREE)));
  }

  @Test
  void scaledFloatsAreRefused() {
    assertUnsupported(
        message()
            .with(node("DequantizeLinear", "", "w", "f8", "s"))
            .initializer(tensor("f8", 17, 1).bytes(9, new byte[1]))
            .initializer(floats("s", List.of(), 1f)));
  }

  @Test
  void scalesOfAnotherTypeAreRefused() {
    assertUnsupported(
        message()
            .with(node("DequantizeLinear", "", "w", "w_quantized", "s"))
            .initializer(codes("w_quantized"))
            .initializer(tensor("s", OnnxBytes.INT64, 1).bytes(9, new byte[8])));
  }

  @Test
  void oneLongListOfScalesForManyWeightsIsRefused() {
    int columns = 1 << 16;
    OnnxBytes graph =
        message()
            .initializer(tensor("s", OnnxBytes.FLOAT, columns).bytes(9, new byte[4 * columns]));
    for (int i = 0; i < 100; i++) {
      graph
          .with(node("DequantizeLinear", "", "w" + i, "q" + i, "s"))
          .initializer(tensor("q" + i, OnnxBytes.UINT8, 0, columns));
    }
    Limits tight = new Limits(1 << 20, 0, 1000, 10, 100, 100, 10, 1, 1, 1);

    assertThatExceptionOfType(Refusal.LimitExceeded.class)
        .isThrownBy(() -> OnnxReader.read(ModelFile.ofGraph(folder, graph).path(), tight).close())
        .satisfies(refusal -> assertThat(refusal.allowed()).isEqualTo(1 << 20));
  }

  private void assertUnsupported(OnnxBytes graph) {
    assertThatExceptionOfType(Refusal.Unsupported.class).isThrownBy(() -> only(graph));
  }

  private TensorView only(OnnxBytes graph) throws IOException {
    List<TensorView> tensors = ModelFile.ofGraph(folder, graph).tensors();
    assertThat(tensors).hasSize(1);
    return tensors.getFirst();
  }

  /** A matrix of {@code [2, 3]} unsigned bytes. */
  private static OnnxBytes codes(String name) {
    return tensor(name, OnnxBytes.UINT8, 2, 3).bytes(9, new byte[] {1, 2, 3, 4, 5, 6});
  }
}
