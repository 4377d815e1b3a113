package dev.witnessmark.explain.candidate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.witnessmark.explain.algebra.DenseMatrix;
import dev.witnessmark.explain.algebra.PrincipalComponents;
import dev.witnessmark.explain.candidate.TokenContrast.Weighting;
import dev.witnessmark.explain.source.Blocks;
import dev.witnessmark.explain.source.HeadLayout;
import dev.witnessmark.explain.testing.GoldenCases;
import java.io.IOException;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What candidates are made of, one step at a time, against small cases computed elsewhere. */
class GoldenConstructionTest {

  private static final Offset<Double> CLOSE = within(1e-12);
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

  /** A matrix in memory as one that is streamed. */
  private static Blocks blocks(DenseMatrix matrix) {
    double[] ones = new double[matrix.rows() * matrix.rows()];
    for (int i = 0; i < matrix.rows(); i++) {
      ones[i * matrix.rows() + i] = 1;
    }
    return new Blocks.Product("m", new DenseMatrix(matrix.rows(), matrix.rows(), ones), matrix);
  }

  @Test
  void headsOfKeysAreRepeatedOneWayOrTheOther() throws IOException {
    String name = "expand_key_rows";
    DenseMatrix key = golden.input(name, "k");
    HeadLayout heads = new HeadLayout(4, 2, 3);
    assertThat(expanded(key, heads.headwise())).containsExactly(golden.output(name, "headwise"));
    assertThat(expanded(key, heads.rowwise())).containsExactly(golden.output(name, "interleaved"));
  }

  private static double[] expanded(DenseMatrix key, int[] order) throws IOException {
    return new Blocks.ChosenRows(blocks(key), order)
        .block(0, order.length, 0, key.columns())
        .values();
  }

  @Test
  void magnitudes() throws IOException {
    String name = "magnitude_features";
    DenseMatrix hidden = golden.input(name, "hidden");
    MagnitudeFeatures features =
        MagnitudeFeatures.of(
            List.of(hidden.rows(0, 3), hidden.rows(3, 3), hidden.rows(6, 3), hidden.rows(9, 3)));
    assertThat(features.suppressed().values())
        .containsExactly(golden.output(name, "suppressed"), CLOSE);
    assertThat(features.amplified().values())
        .containsExactly(golden.output(name, "amplified"), CLOSE);
    assertThat(features.added().values()).containsExactly(golden.output(name, "added"), CLOSE);
  }

  @Test
  void gatedWrites() throws IOException {
    String name = "gated_write";
    DenseMatrix x = golden.input(name, "x");
    GatedMlp mlp =
        new GatedMlp(
            blocks(golden.input(name, "gate")),
            blocks(golden.input(name, "up")),
            blocks(golden.input(name, "down")));
    assertThat(mlp.meanGate(x)).containsExactly(golden.output(name, "mean_gate"), CLOSE);
    assertThat(mlp.written(x).values()).containsExactly(golden.output(name, "written"), CLOSE);
    assertThat(mlp.kernel(mlp.meanGate(x)).values())
        .containsExactly(golden.output(name, "kernel"), CLOSE);
  }

  @Test
  void tokensWeightedByAttention() throws IOException {
    String name = "token_weighted_contrast";
    TokenContrast contrast =
        TokenContrast.of(
            golden.input(name, "tokens_pos"),
            golden.input(name, "tokens_neg"),
            golden.input(name, "attention_pos"),
            golden.input(name, "attention_neg"));
    assertThat(contrast.weights(Weighting.MIN))
        .containsExactly(golden.output(name, "weights_min"), CLOSE);
    assertThat(contrast.weights(Weighting.MAX))
        .containsExactly(golden.output(name, "weights_max"), CLOSE);
    assertThat(contrast.weights(Weighting.DIFFERENCE))
        .containsExactly(golden.output(name, "weights_diff"), CLOSE);
    assertThat(contrast.weights(Weighting.MIN_TIMES_NORM))
        .containsExactly(golden.output(name, "weights_min_x_norm"), CLOSE);
    assertThat(projector(contrast, Weighting.MIN))
        .containsExactly(golden.output(name, "projector_min"), PROJECTOR);
    assertThat(projector(contrast, Weighting.MIN_TIMES_NORM))
        .containsExactly(golden.output(name, "projector_min_x_norm"), PROJECTOR);
  }

  private static double[] projector(TokenContrast contrast, Weighting weighting) {
    return PrincipalComponents.centred(contrast.weighted(weighting), 2).projector().full().values();
  }
}
