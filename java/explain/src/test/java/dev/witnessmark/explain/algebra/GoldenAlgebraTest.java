package dev.witnessmark.explain.algebra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.witnessmark.explain.testing.GoldenCases;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One operation at a time against small cases that were computed elsewhere in double precision. */
class GoldenAlgebraTest {

  /** The scalars of the golden file have twelve digits. */
  private static final Offset<Double> DIGITS = within(2e-11);

  private static final Offset<Double> PROJECTOR = within(1e-9);

  @SuppressWarnings("NullAway.Init") // Set before the first test.
  private static GoldenCases golden;

  @BeforeAll
  static void open() throws IOException {
    golden = GoldenCases.open();
  }

  @AfterAll
  static void close() throws IOException {
    golden.close();
  }

  private static void assertProjector(String name, String output, Basis basis) throws IOException {
    assertThat(basis.orthonormalityError()).isLessThan(1e-12);
    assertThat(basis.projector().full().values())
        .containsExactly(golden.output(name, output), PROJECTOR);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pca", "pca_rank_collapse"})
  void principalComponents(String name) throws IOException {
    Basis basis =
        PrincipalComponents.centred(golden.input(name, "x"), golden.scalars(name).get("k").asInt());
    assertThat(basis.rank()).isEqualTo(golden.scalars(name).get("rank").asInt());
    assertProjector(name, "projector", basis);
  }

  @Test
  void principalComponentsAboutTheOrigin() throws IOException {
    assertProjector(
        "pca_uncentered",
        "projector",
        PrincipalComponents.uncentred(golden.input("pca_uncentered", "x"), 3));
  }

  @ParameterizedTest
  @ValueSource(strings = {"pca_one_row", "pca_constant_rows"})
  void nothingVaries(String name) throws IOException {
    assertThat(PrincipalComponents.centred(golden.input(name, "x"), 3).rank()).isZero();
  }

  @Test
  void gapOfPrincipalComponents() throws IOException {
    double[] s = golden.numbers("pca", "singular_values");
    assertThat(PrincipalComponents.centred(golden.input("pca", "x"), 3).boundaryGap())
        .isCloseTo((s[2] - s[3]) / s[2], DIGITS);
  }

  @Test
  void leadingEigenvectors() throws IOException {
    SymmetricMatrix gram = new SymmetricMatrix(golden.input("gram_top_eigenspace", "gram"));
    assertProjector("gram_top_eigenspace", "projector", SymmetricEigen.leading(gram, 3));
    assertThat(SymmetricEigen.largest(gram, 5).values())
        .containsExactly(golden.numbers("gram_top_eigenspace", "eigenvalues"), DIGITS);
    EigenPairs smallest = SymmetricEigen.smallest(gram, 12);
    assertThat(smallest.values()[11]).isCloseTo(9, DIGITS);
    assertThat(smallest.values()).isSorted();
  }

  @Test
  void rightSingularVectors() throws IOException {
    DenseMatrix m = golden.input("right_svd", "m");
    assertProjector("right_svd", "projector", SingularVectors.right(m, 3));
    assertProjector(
        "right_svd", "projector", SymmetricEigen.leading(SymmetricMatrix.gramOfColumns(m), 3));
    assertThat(SingularVectors.decompose(m).values())
        .startsWith(golden.numbers("right_svd", "singular_values"), DIGITS);
  }

  @ParameterizedTest
  @CsvSource({"left_svd, 3, 3", "left_svd_fewer_columns, 4, 2"})
  void leftSingularVectors(String name, int k, int rank) throws IOException {
    DenseMatrix m = golden.input(name, "m");
    Basis direct = SingularVectors.left(m, k);
    assertThat(direct.rank()).isEqualTo(rank);
    assertProjector(name, "projector", direct);
    Basis throughGram = SymmetricEigen.leading(SymmetricMatrix.gramOfRows(m), k);
    assertThat(throughGram.rank()).isEqualTo(rank);
    assertProjector(name, "projector", throughGram);
  }

  @ParameterizedTest
  @CsvSource({"orthonormalize_drop, 2", "orthonormalize_keep, 3"})
  void orthonormalises(String name, int rank) throws IOException {
    Basis basis = GramSchmidt.of(golden.input(name, "m").transposed());
    assertThat(basis.rank()).isEqualTo(rank);
    assertProjector(name, "projector", basis);
  }

  @Test
  void unionKeepsWhatIsShared() throws IOException {
    String name = "union_shared_direction";
    Basis union = GramSchmidt.union(golden.basis(name, "a"), golden.basis(name, "b"));
    assertThat(union.rank()).isEqualTo(5);
    assertProjector(name, "projector", union);
  }

  @ParameterizedTest
  @CsvSource({"bisector_intersection, 2", "bisector_intersection_k_above_rank, 4"})
  void bisects(String name, int k) throws IOException {
    Bisector bisector = Bisector.between(golden.basis(name, "a"), golden.basis(name, "b"), k);
    assertThat(bisector.basis().rank()).isEqualTo(2);
    assertProjector(name, "projector", bisector.basis());
    assertThat(bisector.cosines())
        .containsExactly(golden.numbers(name, "principal_cosines"), DIGITS);
  }

  @Test
  void projectsAway() throws IOException {
    Basis rest =
        GramSchmidt.projectAway(
            golden.basis("project_away", "basis"), golden.basis("project_away", "forbidden"));
    assertThat(rest.rank()).isEqualTo(3);
    assertProjector("project_away", "projector", rest);
    String all = "project_away_all";
    assertThat(
            GramSchmidt.projectAway(golden.basis(all, "basis"), golden.basis(all, "forbidden"))
                .rank())
        .isZero();
  }

  @Test
  void projectsWritersAway() throws IOException {
    String name = "project_write_away";
    SymmetricMatrix rest =
        SymmetricMatrix.gramOfRows(golden.input(name, "write"))
            .without(golden.basis(name, "forbidden"));
    assertProjector(name, "projector", SymmetricEigen.leading(rest, 3));
    double[] squares = SymmetricEigen.largest(rest, 5).singularValues();
    assertThat(squares).containsExactly(golden.numbers(name, "singular_values"), DIGITS);
  }

  @Test
  void wholeComplement() throws IOException {
    Basis forbidden = golden.basis("complement_full", "forbidden");
    double[] ones = new double[144];
    for (int i = 0; i < 12; i++) {
      ones[i * 13] = 1;
    }
    Basis everything = new Basis(new DenseMatrix(12, 12, ones), Double.NaN);
    Basis complement = GramSchmidt.projectAway(everything, forbidden);
    assertThat(complement.rank()).isEqualTo(7);
    assertProjector("complement_full", "projector", complement);
  }

  @ParameterizedTest
  @ValueSource(strings = {"principal_cosines", "principal_cosines_unequal_rank"})
  void principalAngles(String name) throws IOException {
    PrincipalAngles angles =
        PrincipalAngles.between(golden.basis(name, "a"), golden.basis(name, "b"));
    assertThat(angles.cosines()).containsExactly(golden.numbers(name, "cosines"), DIGITS);
    assertThat(angles.meanCosine())
        .isCloseTo(golden.scalars(name).get("mean_cosine").asDouble(), DIGITS);
    assertThat(angles.overlap()).isCloseTo(golden.scalars(name).get("overlap").asDouble(), DIGITS);
  }

  @Test
  void anglesWithNothing() throws IOException {
    PrincipalAngles angles =
        PrincipalAngles.between(Basis.empty(12), golden.basis("principal_cosines", "a"));
    assertThat(angles.meanCosine()).isNaN();
    assertThat(angles.overlap()).isNaN();
  }

  @ParameterizedTest
  @CsvSource({"kmeans, 4", "kmeans_duplicate_seed, 3"})
  void clusters(String name, int k) throws IOException {
    KMeans clusters = KMeans.of(golden.input(name, "x"), k);
    assertThat(clusters.assignment())
        .containsExactly(
            Arrays.stream(golden.numbers(name, "assignment")).mapToInt(v -> (int) v).toArray());
    assertThat(clusters.centres().values())
        .containsExactly(golden.output(name, "centroids"), PROJECTOR);
  }

  @Test
  void directionsOfClusters() throws IOException {
    Basis basis = KMeans.of(golden.input("kmeans", "x"), 4).basis(4);
    assertThat(basis.rank()).isEqualTo(3);
    assertProjector("kmeans", "projector", basis);
  }

  @Test
  void rotationByKnownAngles() throws IOException {
    String name = "rotation_generator";
    RotationPlanes planes =
        RotationPlanes.between(golden.input(name, "x"), golden.input(name, "y"), 4);
    assertThat(planes.determined()).isEqualTo(6);
    assertProjector(name, "projector", planes.basis());
    List<Double> expected = List.of(2 * Math.sin(0.9), 2 * Math.sin(0.9), 2 * Math.sin(0.35));
    for (int i = 0; i < 3; i++) {
      assertThat(planes.skewValues()[i]).isCloseTo(expected.get(i), within(1e-10));
    }
  }
}
