package dev.witnessmark.explain.candidate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.compare.match.Operand;
import dev.witnessmark.explain.algebra.DenseMatrix;
import dev.witnessmark.explain.algebra.PrincipalComponents;
import dev.witnessmark.explain.source.CaptureTensor;
import dev.witnessmark.explain.source.Captures;
import dev.witnessmark.explain.source.GramStore;
import dev.witnessmark.explain.source.Tuning;
import dev.witnessmark.explain.testing.CaptureFolder;
import dev.witnessmark.explain.testing.SmallModel;
import dev.witnessmark.format.Limits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The candidates made of single tokens, with personas of different lengths. */
class TokenCandidatesTest {

  @TempDir private Path folder;

  @Test
  void everyWeightingIsOfTheTokensOfItsLayer() throws IOException {
    SplittableRandom random = new SplittableRandom(3);
    Path written =
        new CaptureFolder(SmallModel.LAYERS, SmallModel.WIDTH)
            .tensor("tok_hs_persona_pos_fit", states(random, 2 * 2 * 5 * 16), 2, 2, 5, 16)
            .tensor("tok_hs_persona_neg_fit", states(random, 2 * 2 * 3 * 16), 2, 2, 3, 16)
            .tensor("tok_attn_persona_pos_fit", attention(random, 2 * 2 * 5), 2, 2, 5)
            .tensor("tok_attn_persona_neg_fit", attention(random, 2 * 2 * 3), 2, 2, 3)
            .write(folder.resolve("captures"));
    Path model = SmallModel.random(1).safetensors(folder.resolve("base"));
    try (Operand base = Operand.open(model.toString(), Limits.DEFAULT);
        Captures captures = Captures.open(written, Limits.DEFAULT)) {
      Tuning nothing = Tuning.of(base, base);
      ModelContext context =
          ModelContext.of(
              nothing.model(),
              new GramStore(nothing.model(), 0),
              Optional.of(captures),
              new ModelContext.Widths(3, 6, true),
              OptionalInt.empty());
      LayerContext layer = new LayerContext(context, 1, Optional.empty(), Optional.empty());
      TokenContrast contrast =
          TokenContrast.of(
              captures.layer(CaptureTensor.TOKENS_POSITIVE_FIT, 1),
              captures.layer(CaptureTensor.TOKENS_NEGATIVE_FIT, 1),
              captures.layer(CaptureTensor.ATTENTION_POSITIVE_FIT, 1),
              captures.layer(CaptureTensor.ATTENTION_NEGATIVE_FIT, 1));
      check(layer, Candidate.ATTN_MIN_TASKDIFF, contrast, TokenContrast.Weighting.MIN);
      check(layer, Candidate.ATTN_MAX_TASKDIFF, contrast, TokenContrast.Weighting.MAX);
      check(layer, Candidate.ATTN_DIFF_TASKDIFF, contrast, TokenContrast.Weighting.DIFFERENCE);
      check(
          layer,
          Candidate.ATTN_MIN_X_DIFFNORM_TASKDIFF,
          contrast,
          TokenContrast.Weighting.MIN_TIMES_NORM);
      // The first two tokens of a prompt are the longer side's alone: its raw states.
      DenseMatrix positive = captures.layer(CaptureTensor.TOKENS_POSITIVE_FIT, 1);
      assertThat(contrast.difference().row(6)).isEqualTo(positive.row(6));
      assertThat(contrast.difference().row(7)).isNotEqualTo(positive.row(7));
    }
  }

  private static void check(
      LayerContext layer,
      Candidate candidate,
      TokenContrast contrast,
      TokenContrast.Weighting weighting)
      throws IOException {
    assertThat(layer.built(candidate).basis().rows().values())
        .as(candidate.label())
        .isEqualTo(PrincipalComponents.centred(contrast.weighted(weighting), 3).rows().values());
  }

  private static float[] states(SplittableRandom random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static float[] attention(SplittableRandom random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextDouble();
    }
    return values;
  }
}
