package dev.witnessmark.causal.diff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.witnessmark.compare.match.Operand;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.testing.SafetensorsBuilder;
import dev.witnessmark.verdict.Progress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightPairsTest {

  private static final int COLUMNS = 64;
  private static final String Q = "model.layers.0.self_attn.q_proj.weight";

  @TempDir
  @SuppressWarnings("NullAway.Init") // Set by JUnit.
  Path folder;

  private static float[] random(int values, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] filled = new float[values];
    for (int i = 0; i < values; i++) {
      filled[i] = (float) random.nextGaussian();
    }
    return filled;
  }

  private Path model(String file, String name, int columns, float[] values) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return Files.write(
        folder.resolve(file),
        new SafetensorsBuilder()
            .tensor(name, "F32", bytes.array(), values.length / columns, columns)
            .build());
  }

  private static CausalResult diff(Path base, Path tuned, Threshold threshold, List<Edge> edges)
      throws IOException {
    try (Operand a = Operand.open(base.toString(), Limits.DEFAULT);
        Operand b = Operand.open(tuned.toString(), Limits.DEFAULT)) {
      return CausalDiff.run(
          WeightPairs.of(a, b),
          new CausalOptions(threshold, 0.3, false, 2),
          edges::add,
          Progress.NONE);
    }
  }

  @Test
  void relativeChangeOfEveryRow() throws IOException {
    float[] base = random(40 * COLUMNS, 1);
    float[] tuned = base.clone();
    for (int i = 0; i < COLUMNS; i++) {
      tuned[3 * COLUMNS + i] *= 1.5f;
      tuned[7 * COLUMNS + i] *= -1;
    }
    List<Edge> edges = new ArrayList<>();
    CausalResult result =
        diff(
            model("a", Q, COLUMNS, base), model("b", Q, COLUMNS, tuned), Threshold.of(0.01), edges);
    assertThat(result.total().shifted()).isEqualTo(2);
    assertThat(edges).extracting(Edge::row).containsExactly(3L, 7L);
    // Products with 1.5 are rounded to float32.
    assertThat(edges.get(0).distance()).isCloseTo(0.5, within(1e-7));
    assertThat(edges.get(1).distance()).isEqualTo(2.0);
    assertThat(edges.get(1).truth().frequency()).isEqualTo(1f);
    assertThat(result.total().meanOfNull()).isBetween(1.2, 1.7);
  }

  @Test
  void rowsThatNoNumberComparesAreInfinitelyFar() throws IOException {
    float[] base = random(40 * COLUMNS, 1);
    Arrays.fill(base, 0, COLUMNS, 0);
    float[] tuned = base.clone();
    tuned[0] = 1;
    base[COLUMNS] = Float.NaN;
    tuned[COLUMNS] = Float.NaN;
    tuned[2 * COLUMNS] = Float.NaN;
    tuned[3 * COLUMNS] = Float.POSITIVE_INFINITY;
    CausalResult result =
        diff(
            model("a", Q, COLUMNS, base),
            model("b", Q, COLUMNS, tuned),
            new Threshold(1e6, true),
            new ArrayList<>());
    assertThat(result.total().shifted()).isEqualTo(3);
    assertThat(result.total().unbounded()).isEqualTo(3);
    assertThat(result.total().mean()).isZero();
    assertThat(result.total().largest()).isInfinite();
  }

  /**
   * Rows longer than what is read at once, and rows whose ends are nowhere near those of pieces.
   */
  @Test
  void rowsOfAnyLength() throws IOException {
    for (int columns : new int[] {300_007, 5_003}) {
      float[] base = random(3 * columns, 2);
      float[] tuned = random(3 * columns, 3);
      List<Edge> edges = new ArrayList<>();
      diff(
          model("a" + columns, Q, columns, base),
          model("b" + columns, Q, columns, tuned),
          Threshold.of(0),
          edges);
      assertThat(edges).hasSize(3);
      for (int row = 0; row < 3; row++) {
        double deltas = 0;
        double squares = 0;
        for (int i = row * columns; i < (row + 1) * columns; i++) {
          double delta = (double) tuned[i] - base[i];
          deltas += delta * delta;
          squares += (double) base[i] * base[i];
        }
        assertThat(edges.get(row).distance()).isCloseTo(Math.sqrt(deltas / squares), within(1e-12));
      }
    }
  }

  @Test
  void equalWeightsAreTheSame() throws IOException {
    float[] base = random(40 * COLUMNS, 1);
    CausalResult result =
        diff(
            model("a", Q, COLUMNS, base),
            model("b", Q, COLUMNS, base),
            Threshold.of(0),
            new ArrayList<>());
    assertThat(result.verdict().label()).isEqualTo("identical");
  }

  @Test
  void whatIndexesLeaveOutIsLeftOutAndSaid() throws IOException {
    Path norm = model("n", "model.layers.0.input_layernorm.weight", 4096, random(4096, 1));
    CausalResult result = diff(norm, norm, Threshold.of(0), new ArrayList<>());
    assertThat(result.total().rows()).isZero();
    assertThat(result.notices()).anyMatch(notice -> notice.startsWith("1 norm"));
  }
}
