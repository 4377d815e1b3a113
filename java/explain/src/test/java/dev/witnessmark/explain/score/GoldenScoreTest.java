package dev.witnessmark.explain.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.witnessmark.explain.algebra.Basis;
import dev.witnessmark.explain.algebra.SymmetricMatrix;
import dev.witnessmark.explain.testing.GoldenCases;
import java.io.IOException;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Scores and nulls against small cases computed elsewhere. */
class GoldenScoreTest {

  /** The scalars of the golden file have twelve digits. */
  private static final Offset<Double> DIGITS = within(2e-11);

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

  private static Nulls exact() {
    return new Nulls(new Null.Mode.Exact(), Basis.empty(12), 0);
  }

  private static SymmetricMatrix gram(String name, String input) throws IOException {
    return SymmetricMatrix.gramOfRows(golden.input(name, input));
  }

  private static void check(String name, Target target) throws IOException {
    Basis basis = golden.basis(name, "basis");
    Score score = Score.of(basis, target, exact());
    Null chance = Null.exact(target, 3);
    assertThat(score.energy()).isCloseTo(golden.number(name, "energy_frac"), DIGITS);
    assertThat(score.concentration()).isCloseTo(golden.number(name, "conc"), DIGITS);
    assertThat(chance.mean()).isCloseTo(1, within(1e-11));
    assertThat(chance.deviation()).isCloseTo(golden.number(name, "null_std"), DIGITS);
    assertThat(score.z()).isCloseTo(golden.number(name, "z"), within(1e-10));
    assertThat(target.oracle(3)).isCloseTo(golden.number(name, "oracle_energy_frac"), DIGITS);
    assertThat(score.oracleShare()).isCloseTo(score.energy() / target.oracle(3), DIGITS);
  }

  @Test
  void weights() throws IOException {
    String name = "weight_concentration";
    check(name, Target.ofDelta(gram(name, "delta"), 12));
  }

  @Test
  void activations() throws IOException {
    String name = "activation_concentration";
    check(name, Target.ofSamples(golden.input(name, "samples"), 12));
  }

  @Test
  void bothTensorsCountTheSame() throws IOException {
    String name = "balanced_combination";
    Basis basis = golden.basis(name, "basis");
    SymmetricMatrix a = gram(name, "delta_a");
    SymmetricMatrix b = gram(name, "delta_b");
    assertThat(Score.of(basis, Target.ofDelta(a, 12), exact()).energy())
        .isCloseTo(golden.number(name, "energy_frac_a"), DIGITS);
    assertThat(Score.of(basis, Target.ofBalancedDeltas(List.of(a, b), 12), exact()).energy())
        .isCloseTo(golden.number(name, "energy_frac_combined"), DIGITS);
    assertThat(Score.of(basis, Target.ofDelta(a.plus(b), 12), exact()).energy())
        .isCloseTo(golden.number(name, "energy_frac_plain_concatenation"), DIGITS);
  }

  /** A subspace that is the whole space holds everything, and no other could do anything else. */
  @Test
  void theWholeSpaceDeviatesFromNothing() throws IOException {
    Target target = Target.ofDelta(gram("weight_concentration", "delta"), 12);
    Null chance = Null.exact(target, 12);
    assertThat(chance.deviation()).isZero();
  }

  @Test
  void drawsOfOneSeedAreTheSame() throws IOException {
    Target target = Target.ofDelta(gram("weight_concentration", "delta"), 12);
    Null once = Null.sampled(target, 3, Basis.empty(12), 50, 7);
    assertThat(Null.sampled(target, 3, Basis.empty(12), 50, 7)).isEqualTo(once);
    assertThat(Null.sampled(target, 3, Basis.empty(12), 50, 8)).isNotEqualTo(once);
  }
}
