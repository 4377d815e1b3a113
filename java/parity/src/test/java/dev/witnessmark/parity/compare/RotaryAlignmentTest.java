package dev.witnessmark.parity.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.model.transformer.Hyperparameters;
import dev.witnessmark.model.transformer.RotaryPlan;
import dev.witnessmark.model.transformer.RotaryScaling;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RotaryAlignmentTest {

  /** Two query heads and one key head of six elements, of which four are turned. */
  private static final Hyperparameters SIZES =
      new Hyperparameters(
          "small",
          1,
          12,
          2,
          1,
          6,
          8,
          16,
          0,
          Integer.MAX_VALUE,
          1e-5,
          new RotaryPlan(true, 4, 10_000, new RotaryScaling.None()),
          false,
          false,
          true,
          Optional.empty());

  private static double[] upTo(int count) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = i;
    }
    return values;
  }

  @Test
  void headsGoFromHalvesToNeighbours() {
    StageKey keys = StageKey.of(Stage.K_POST_ROPE, 0);
    assertThat(RotaryAlignment.align(keys, upTo(12), SIZES, false, true))
        .containsExactly(0, 2, 1, 3, 4, 5, 6, 8, 7, 9, 10, 11);
  }

  @Test
  void valuesOfProjectionsStay() {
    StageKey projected = StageKey.of(Stage.QKV_MATMUL, 0);
    assertThat(RotaryAlignment.align(projected, upTo(24), SIZES, true, false))
        .containsExactly(
            0, 2, 1, 3, 4, 5, 6, 8, 7, 9, 10, 11, 12, 14, 13, 15, 16, 17, 18, 19, 20, 21, 22, 23);
  }

  @Test
  void thereAndBackIsNothing() {
    StageKey queries = StageKey.of(Stage.Q_POST_ROPE, 0);
    double[] there = RotaryAlignment.align(queries, upTo(24), SIZES, true, false);
    assertThat(RotaryAlignment.align(queries, there, SIZES, false, true)).isEqualTo(upTo(24));
  }

  @Test
  void otherStagesHaveNoLayout() {
    double[] values = upTo(12);
    assertThat(RotaryAlignment.align(StageKey.of(Stage.ATTENTION, 0), values, SIZES, true, false))
        .isSameAs(values);
  }
}
