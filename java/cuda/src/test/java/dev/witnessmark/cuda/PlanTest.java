package dev.witnessmark.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.cuda.blas.MatrixProduct;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.conformance.Trial;
import dev.witnessmark.kernels.operation.Arithmetic;
import dev.witnessmark.kernels.operation.Attention;
import dev.witnessmark.kernels.operation.Element;
import dev.witnessmark.kernels.operation.MatVecF32;
import dev.witnessmark.kernels.operation.MatVecQ8;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.kernels.operation.Summarise;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlanTest {

  /** Scores, values, sum. */
  private static final int LAUNCHES_OF_ATTENTION = 3;

  private static List<Plan.Run> runs(Plan plan) {
    return plan.steps().stream()
        .filter(Plan.Run.class::isInstance)
        .map(Plan.Run.class::cast)
        .toList();
  }

  @Test
  void mostOperationsAreOneLaunchWithAllTheirOperandsAndNumbers() {
    assertThat(Trial.operations())
        .filteredOn(
            operation -> !(operation instanceof Attention || operation instanceof Summarise))
        .allSatisfy(operation -> {
          List<Plan.Run> runs = runs(Plan.of(operation));
          assertThat(runs).hasSize(1);
          assertThat(runs.getFirst().kernel()).isEqualTo(kernel(operation));
          assertThat(runs.getFirst().numbers()).isEqualTo(operation.parameters());
          assertThat(runs.getFirst().memories())
              .extracting(Plan.Piece::bytes)
              .isEqualTo(operation.operands().stream().map(o -> o.bytes()).toList());
        });
  }

  private static String kernel(Operation operation) {
    String own = operation.kernelName();
    return switch (operation) {
      case MatVecF32 product when product.batch() > 1 ->
          own.replace("matvec_f32_", "matvec_f32_batch_");
      case MatVecQ8 product when product.batch() > 8 ->
          own.replace("matvec_q8_", "matvec_q8_prefill_");
      case MatVecQ8 product when product.batch() > 1 ->
          own.replace("matvec_q8_", "matvec_q8_batch_");
      default -> own;
    };
  }

  @Test
  void noTileOfAProductIsLeftOut() {
    assertThat(onlyGeometry(new MatVecQ8(TensorType.Q4_K, 5000, 256, 8)))
        .isEqualTo(new Geometry(5000, 16, 256, 1, 1, true))
        .satisfies(geometry -> assertThat(geometry.x(256, 4)).isEqualTo(313));
    assertThat(onlyGeometry(new MatVecQ8(TensorType.Q4_K, 5000, 256, 65)))
        .isEqualTo(new Geometry(5000, 2, 256, 2, 1, true))
        .satisfies(geometry -> assertThat(geometry.x(256, 4)).isEqualTo(40));
  }

  private static Geometry onlyGeometry(Operation operation) {
    return runs(Plan.of(operation)).getFirst().geometry();
  }

  @Test
  void gridsAreWithinTheLimitsOfTheHardware() {
    assertThat(Trial.operations().flatMap(operation -> runs(Plan.of(operation)).stream()))
        .extracting(Plan.Run::geometry)
        .allSatisfy(geometry -> {
          assertThat(geometry.x(geometry.threads(), 1000)).isBetween(1, 1000);
          assertThat(geometry.y()).isBetween(1, Geometry.MOST_ALONG_Y);
          assertThat(geometry.z()).isBetween(1, Geometry.MOST_ALONG_Y);
          assertThat(geometry.threads()).isBetween(32, 1024);
        });
  }

  @Test
  void aBatchBeyondTheGridIsTakenInPieces() {
    int batch = 8 * Geometry.MOST_ALONG_Y + 3;
    List<Plan.Run> runs = runs(Plan.of(new MatVecQ8(TensorType.Q8_0, 2, 32, batch)));

    assertThat(runs).hasSize(2);
    assertThat(runs.getFirst().numbers()).isEqualTo(List.<Number>of(2, 32, batch - 3));
    assertThat(runs.getLast().numbers()).isEqualTo(List.<Number>of(2, 32, 3));
    assertThat(runs.getLast().memories())
        .containsExactly(
            new Plan.Piece(0, 0, 68),
            new Plan.Piece(1, 34L * (batch - 3), 102),
            new Plan.Piece(2, 8L * (batch - 3), 24));
    assertThat(runs.getLast().geometry().y()).isEqualTo(1);
  }

  @Test
  void aLongPrefillIsTakenInPiecesOfQueries() {
    Attention prefill = new Attention(4096, 32, 8, 128, 5000, Element.FLOAT16);
    Plan plan = Plan.of(prefill);
    List<Plan.Run> runs = runs(plan);

    assertThat(plan.scratchBytes()).isLessThanOrEqualTo(256L << 20);
    assertThat(runs).hasSizeGreaterThan(3);
    int queries = 0;
    for (int i = 0; i < runs.size(); i += LAUNCHES_OF_ATTENTION) {
      Plan.Run scores = runs.get(i);
      int part = (int) scores.numbers().getFirst();
      long bytesPerQuery = 4L * 32 * 128;
      assertThat(scores.memories().getFirst())
          .isEqualTo(new Plan.Piece(0, queries * bytesPerQuery, part * bytesPerQuery));
      assertThat(runs.get(i + LAUNCHES_OF_ATTENTION - 1).memories().getLast())
          .isEqualTo(new Plan.Piece(3, queries * bytesPerQuery, part * bytesPerQuery));
      queries += part;
      assertThat(scores.numbers().get(4)).as("cached").isEqualTo(5000 - 4096 + queries);
      assertThat(scores.numbers().getLast()).as("scale").isEqualTo(prefill.scale());
      Plan.Piece maxima = scores.memories().getLast();
      assertThat(maxima.at() + maxima.bytes()).isLessThanOrEqualTo(plan.scratchBytes());
    }
    assertThat(queries).isEqualTo(4096);
  }

  @Test
  void weightsForTensorCoresAreDecodedInPiecesOfRows() {
    int rows = 128_256;
    int batch = 100;
    int columns = 4096;
    MatVecF32 head = new MatVecF32(TensorType.Q6_K, rows, columns, batch);
    Plan plan = Plan.of(head, Arithmetic.FAST).orElseThrow();
    long activationBytes = 2L * batch * columns;

    assertThat(plan.scratchBytes()).isBetween(200L << 20, (256L << 20) + activationBytes + 256);
    Plan.Run activations = (Plan.Run) plan.steps().getFirst();
    assertThat(activations.kernel()).isEqualTo("to_bfloat16_f32");
    assertThat(activations.numbers()).isEqualTo(List.<Number>of((long) batch * columns));
    Plan.Piece x = new Plan.Piece(Plan.Piece.SCRATCH, 0, activationBytes);
    assertThat(activations.memories())
        .containsExactly(new Plan.Piece(1, 0, 2 * activationBytes), x);
    assertThat(plan.steps()).hasSizeGreaterThan(5);
    long first = 0;
    for (int i = 1; i < plan.steps().size(); i += 2) {
      Plan.Run decoding = (Plan.Run) plan.steps().get(i);
      Plan.Multiply product = (Plan.Multiply) plan.steps().get(i + 1);
      int part = product.product().rows();
      long bytesOfRow = 210L * columns / 256;
      assertThat(decoding.kernel()).isEqualTo("to_bfloat16_q6_k");
      assertThat(decoding.numbers()).isEqualTo(List.<Number>of((long) part * columns));
      assertThat(decoding.memories())
          .containsExactly(
              new Plan.Piece(0, first * bytesOfRow, part * bytesOfRow), product.weights());
      assertThat(product.weights().operand()).isEqualTo(Plan.Piece.SCRATCH);
      assertThat(product.weights().at() % 256).isZero();
      assertThat(product.weights().at()).isGreaterThanOrEqualTo(x.bytes());
      assertThat(product.weights().bytes()).isEqualTo(2L * part * columns);
      assertThat(product.weights().at() + product.weights().bytes())
          .isLessThanOrEqualTo(plan.scratchBytes());
      assertThat(product.activations()).isEqualTo(x);
      assertThat(product.product())
          .isEqualTo(
              new MatrixProduct(part, columns, batch, rows, MatrixProduct.Elements.BFLOAT16));
      assertThat(product.results())
          .isEqualTo(new Plan.Piece(2, 4 * first, 4 * ((batch - 1L) * rows + part)));
      first += part;
    }
    assertThat(first).isEqualTo(rows);
  }

  @Test
  void weightsThatAreBfloat16AreMultipliedWhereTheyLie() {
    Plan plan = Plan.of(new MatVecF32(TensorType.BF16, 5, 24, 16), Arithmetic.FAST).orElseThrow();
    Plan.Multiply product = (Plan.Multiply) plan.steps().getLast();

    assertThat(plan.steps()).hasSize(2);
    assertThat(product.weights()).isEqualTo(new Plan.Piece(0, 0, 240));
    assertThat(plan.scratchBytes()).isEqualTo(2 * 24 * 16);
  }

  @Test
  void oneQueryMayNeedMoreScratchThanUsual() {
    Operation decode = new Attention(1, 128, 8, 128, 1 << 20, Element.FLOAT16);

    assertThat(Plan.of(decode).scratchBytes())
        .isEqualTo(4L * 128 * ((1 << 20) + (1 << 14) + 8 * 128 + 256));
  }
}
