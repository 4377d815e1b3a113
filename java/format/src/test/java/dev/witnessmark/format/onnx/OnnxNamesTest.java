package dev.witnessmark.format.onnx;

import static dev.witnessmark.format.testing.OnnxBytes.attribute;
import static dev.witnessmark.format.testing.OnnxBytes.floats;
import static dev.witnessmark.format.testing.OnnxBytes.message;
import static dev.witnessmark.format.testing.OnnxBytes.node;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.witnessmark.format.TensorView;
import dev.witnessmark.format.testing.OnnxBytes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names and orientation of matrices, from the nodes that use them. */
class OnnxNamesTest {

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "onnx::MatMul_1525, /encoder/layer.0/attention/self/query/MatMul,"
        + " encoder.layer.0.attention.self.query.weight",
    "1525, /encoder/layer.0/output/dense/MatMul_1, encoder.layer.0.output.dense.weight",
    "val_7, /query/MatMul/MatMulAddFusion, query.weight",
    "onnx::MatMul_1525, /MatMul_3, onnx::MatMul_1525",
    "onnx::MatMul_1525, MatMul_3, onnx::MatMul_1525",
    "onnx::MatMul_1525, /encoder/query, onnx::MatMul_1525",
    "query.kernel, /encoder/query/MatMul, query.kernel"
  })
  void anAnonymousMatrixIsNamedByThePathOfItsNode(String stored, String path, String name)
      throws IOException {
    List<TensorView> tensors =
        read(message().with(node("MatMul", path, "y", "x", stored)).initializer(matrix(stored)));

    assertThat(tensors)
        .extracting(TensorView::name, TensorView::storedName, TensorView::transposed)
        .containsExactly(tuple(name, stored, true));
  }

  @Test
  void theBiasBehindTheProductNamesItsModule() throws IOException {
    OnnxBytes graph =
        message()
            .with(node("MatMul", "MatMul_80", "81", "x", "1234"))
            .with(node("Add", "Add_81", "82", "encoder.layer.0.query.bias", "81"))
            .initializer(floats("encoder.layer.0.query.bias", List.of(3L), 1f, 2f, 3f))
            .initializer(matrix("1234"));

    assertThat(read(graph))
        .extracting(TensorView::name)
        .containsExactly("encoder.layer.0.query.bias", "encoder.layer.0.query.weight");
  }

  @Test
  void aBiasOfAnotherLengthNamesNothing() throws IOException {
    OnnxBytes graph =
        message()
            .with(node("MatMul", "MatMul_80", "81", "x", "1234"))
            .with(node("Add", "Add_81", "82", "81", "encoder.layer.0.query.bias"))
            .initializer(floats("encoder.layer.0.query.bias", List.of(2L), 1f, 2f))
            .initializer(matrix("1234"));

    assertThat(read(graph)).extracting(TensorView::name).contains("1234");
  }

  @Test
  void theBiasOfAGemmNamesItsModule() throws IOException {
    OnnxBytes graph =
        message()
            .with(node("Gemm", "Gemm_0", "y", "x", "onnx::Gemm_5", "pooler.dense.bias"))
            .initializer(floats("pooler.dense.bias", List.of(3L), 1f, 2f, 3f))
            .initializer(matrix("onnx::Gemm_5"));

    assertThat(read(graph).get(1).name()).isEqualTo("pooler.dense.weight");
  }

  @ParameterizedTest
  @CsvSource({"0, true", "1, false"})
  void aGemmSaysWhetherItsMatrixIsTransposed(long transB, boolean transposed) throws IOException {
    OnnxBytes graph =
        message()
            .with(node("Gemm", "", "y", "x", "w").attributed(attribute("transB", transB)))
            .initializer(matrix("w"));

    assertThat(read(graph).getFirst().transposed()).isEqualTo(transposed);
  }

  @Test
  void aTranspositionOnTheWayTurnsTheMatrix() throws IOException {
    OnnxBytes graph =
        message()
            .with(node("Identity", "", "i", "lm_head.weight"))
            .with(
                node("Transpose", "", "t", "i")
                    .attributed(message().text(1, "perm").integers(8, 1, 0)))
            .with(node("Cast", "", "c", "t"))
            .with(node("MatMul", "/lm_head/MatMul", "y", "x", "c"))
            .initializer(matrix("lm_head.weight"));

    assertThat(read(graph).getFirst().transposed()).isFalse();
  }

  @Test
  void aTranspositionThatChangesNothingTurnsNothing() throws IOException {
    OnnxBytes graph =
        message()
            .with(
                node("Transpose", "", "t", "w")
                    .attributed(message().text(1, "perm").integer(8, 0).integer(8, 1)))
            .with(node("MatMul", "", "y", "x", "t"))
            .initializer(matrix("w"));

    assertThat(read(graph).getFirst().transposed()).isTrue();
  }

  @Test
  void onlyMatricesAreTransposed() throws IOException {
    OnnxBytes graph =
        message()
            .with(node("MatMul", "/a/MatMul", "y", "x", "onnx::MatMul_1"))
            .initializer(floats("onnx::MatMul_1", List.of(1L, 2L, 3L), 1f, 2f, 3f, 4f, 5f, 6f));

    assertThat(read(graph).getFirst().transposed()).isFalse();
  }

  @Test
  void aMatrixThatIsOnlyLookedUpIsAsItsNameSays() throws IOException {
    OnnxBytes graph =
        message()
            .with(node("Gather", "/embedding/Gather", "y", "embedding.weight", "ids"))
            .with(node("MatMul", "/scores/MatMul", "z", "x", "y"))
            .initializer(matrix("embedding.weight"));

    assertThat(read(graph).getFirst().transposed()).isFalse();
  }

  @Test
  void theFirstUseNamesASharedMatrix() throws IOException {
    OnnxBytes graph =
        message()
            .with(node("MatMul", "/a/MatMul", "y", "x", "onnx::MatMul_1"))
            .with(
                node("Gemm", "/b/Gemm", "z", "x", "onnx::MatMul_1")
                    .attributed(attribute("transB", 1)))
            .initializer(matrix("onnx::MatMul_1"));

    assertThat(read(graph))
        .extracting(TensorView::name, TensorView::transposed)
        .containsExactly(tuple("a.weight", true));
  }

  @Test
  void aNameThatIsTakenIsNotDerived() throws IOException {
    OnnxBytes graph =
        message()
            .with(node("MatMul", "/a/MatMul", "y", "x", "onnx::MatMul_1"))
            .with(node("MatMul", "/a/MatMul_1", "z", "x", "onnx::MatMul_2"))
            .with(node("MatMul", "/b/MatMul", "u", "x", "onnx::MatMul_3"))
            .initializer(matrix("onnx::MatMul_1"))
            .initializer(matrix("onnx::MatMul_2"))
            .initializer(matrix("onnx::MatMul_3"))
            .initializer(matrix("b.weight"));

    assertThat(read(graph))
        .extracting(TensorView::name)
        .containsExactly("a.weight", "onnx::MatMul_2", "onnx::MatMul_3", "b.weight");
  }

  @Test
  void theValueOfAConstantIsAWeightIfItIsMultipliedBy() throws IOException {
    OnnxBytes graph =
        message()
            .with(constant("/shape/Constant_output_0"))
            .with(constant("/a/Constant_output_0"))
            .with(node("MatMul", "/a/MatMul", "y", "x", "/a/Constant_output_0"));

    assertThat(read(graph))
        .extracting(TensorView::name, TensorView::storedName)
        .containsExactly(tuple("a.weight", "/a/Constant_output_0"));
  }

  @Test
  void weightsMayBeUsedAndStoredInTheBranchesOfAnIf() throws IOException {
    OnnxBytes thenBranch =
        message()
            .with(constant("shape"))
            .with(node("MatMul", "/a/MatMul", "y", "x", "onnx::MatMul_1"))
            .initializer(matrix("inner"));
    OnnxBytes elseBranch = message().with(constant("shape"));
    OnnxBytes graph =
        message()
            .with(
                node("If", "", "z", "condition")
                    .attributed(message().text(1, "then_branch").message(6, thenBranch))
                    .attributed(message().text(1, "else_branch").message(6, elseBranch)))
            .initializer(matrix("onnx::MatMul_1"));

    assertThat(read(graph)).extracting(TensorView::name).containsExactly("inner", "a.weight");
  }

  @Test
  void nodesInACircleEnd() throws IOException {
    OnnxBytes graph =
        message()
            .with(node("Cast", "", "a", "b"))
            .with(node("Cast", "", "b", "a"))
            .with(node("MatMul", "/m/MatMul", "y", "x", "a"))
            .with(node("MatMulInteger", "", "q", "x", "w"))
            .with(node("Mul", "", "q", "q", "q"))
            .initializer(matrix("w_scale"));

    assertThat(read(graph)).extracting(TensorView::name).containsExactly("w_scale");
  }

  private List<TensorView> read(OnnxBytes graph) throws IOException {
    return ModelFile.ofGraph(folder, graph).tensors();
  }

  private static OnnxBytes matrix(String name) {
    return floats(name, List.of(2L, 3L), 1f, 2f, 3f, 4f, 5f, 6f);
  }

  private static OnnxBytes constant(String output) {
    return node("Constant", "", output)
        .attributed(message().text(1, "value").message(5, matrix("")).integer(20, 4));
  }
}
