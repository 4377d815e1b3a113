package dev.witnessmark.explain.algebra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The cheap route against the full decomposition. */
class SubspaceIterationTest {

  private static final int ORDER = 200;

  /** A matrix with these eigenvalues and random vectors. */
  private static SymmetricMatrix withEigenvalues(double[] values) {
    SplittableRandom random = new SplittableRandom(5);
    double[] gaussian = new double[values.length * values.length];
    for (int i = 0; i < gaussian.length; i++) {
      gaussian[i] = random.nextGaussian();
    }
    DenseMatrix vectors =
        GramSchmidt.of(new DenseMatrix(values.length, values.length, gaussian)).rows();
    double[] roots = new double[values.length];
    for (int i = 0; i < roots.length; i++) {
      roots[i] = Math.sqrt(values[i]);
    }
    return SymmetricMatrix.gramOfColumns(vectors.scaledRows(roots));
  }

  @Test
  void theSpaceIsThatOfTheFullDecomposition() {
    double[] values = new double[ORDER];
    for (int i = 0; i < ORDER; i++) {
      values[i] = Math.pow(0.9, i);
    }
    SymmetricMatrix matrix = withEigenvalues(values);
    EigenPairs few = SubspaceIteration.largest(matrix, 6).orElseThrow();
    EigenPairs all = SymmetricEigen.largest(matrix, 6);
    assertThat(few.values()).containsExactly(all.values(), within(1e-9));
    double distance =
        Math.sqrt(
            few.leading(5)
                .projector()
                .full()
                .minus(all.leading(5).projector().full())
                .squaredNorm());
    assertThat(distance).isLessThan(2e-6);
    assertThat(few.leading(5).orthonormalityError()).isLessThan(1e-13);
    assertThat(few.leading(5).boundaryGap()).isCloseTo(1 - Math.sqrt(0.9), within(1e-9));
  }

  @Test
  void aRankBelowWhatIsWantedIsFound() {
    double[] values = new double[ORDER];
    values[0] = 3;
    values[1] = 2;
    EigenPairs few = SubspaceIteration.largest(withEigenvalues(values), 5).orElseThrow();
    assertThat(few.leading(4).rank()).isEqualTo(2);
    assertThat(few.leading(4).boundaryGap()).isEqualTo(1);
  }

  @Test
  void nothingHasNoDirections() {
    EigenPairs none = SubspaceIteration.largest(SymmetricMatrix.zeros(ORDER), 5).orElseThrow();
    assertThat(none.leading(4).rank()).isZero();
  }

  /** Nothing tells the directions apart: a fixed number of rounds would return arbitrary ones. */
  @Test
  void aFlatSpectrumHasNoResult() {
    double[] values = new double[ORDER];
    for (int i = 0; i < ORDER; i++) {
      values[i] = 1 - 1e-6 * i;
    }
    assertThat(SubspaceIteration.largest(withEigenvalues(values), 6)).isEmpty();
  }

  @Test
  void smallMatricesAndManyVectorsAreDecomposed() {
    assertThat(SubspaceIteration.isWorthIt(1024, 2)).isFalse();
    assertThat(SubspaceIteration.isWorthIt(4096, 9)).isTrue();
    assertThat(SubspaceIteration.isWorthIt(4096, 4096)).isFalse();
  }
}
