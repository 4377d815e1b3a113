package dev.witnessmark.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.witnessmark.format.Shape;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.format.testing.BytesSource;
import dev.witnessmark.model.Role;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathPlanTest {

  private static Matrix matrix(Role role, TensorType type) {
    TensorView view =
        TensorView.stored(
            "w", type, Shape.of(1, 256), new BytesSource("w", new byte[0]), 0, type.bytes(256));
    return new Matrix("w", role, view, 0, 1, 256);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "f32;f32",
        "q8;q8",
        " Q8 ;q8",
        "q8,down=f32;q8,down=f32",
        "q8, head = f32 ,down=F32;q8,down=f32,head=f32",
        "f32,experts=q8,router=f32;f32,experts=q8,router=f32",
        "q8,crushed=f32;q8,crushed=f32",
        "q8,crushed=f32,q=f32;q8,q=f32,crushed=f32",
        "q8,crushed=q8;q8",
      })
  void plansAreWrittenAsTheyAreRead(String text, String canonical) {
    PathPlan plan = PathPlan.parse(text);
    assertThat(plan).hasToString(canonical);
    assertThat(PathPlan.parse(canonical)).isEqualTo(plan);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",",
        "q8,",
        ",q8",
        "q4",
        "q8;f32",
        "down=f32",
        "q8,down",
        "q8,down=",
        "q8,=f32",
        "q8,down=f32=f32",
        "q8,norm=f32",
        "q8,embd=f32",
        "q8,Down=f32",
        "q8,down=f32,down=q8",
        "q8,crushed=f32,crushed=f32",
        "q8,,down=f32",
      })
  void whatIsNoPlanIsRefused(String text) {
    assertThatThrownBy(() -> PathPlan.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anUnknownMatrixIsNamedBesideTheKnownOnes() {
    assertThatThrownBy(() -> PathPlan.parse("q8,norm=f32"))
        .hasMessageContaining("norm=f32")
        .hasMessageContaining("q, k, v, o, router, gate, up, down, experts, head");
  }

  @Test
  void aRoleTakesItsPath() {
    PathPlan plan = PathPlan.parse("q8,down=f32,head=f32,experts=f32");
    Map<Role, MatrixPath> paths =
        Map.of(
            Role.ATTENTION_Q, MatrixPath.Q8,
            Role.FFN_UP, MatrixPath.Q8,
            Role.FFN_DOWN, MatrixPath.F32,
            Role.EXPERT_DOWN, MatrixPath.F32,
            Role.EXPERT_UP, MatrixPath.F32,
            Role.HEAD, MatrixPath.F32,
            // A tied head.
            Role.TOKEN_EMBEDDING, MatrixPath.F32);
    paths.forEach((role, path) ->
        assertThat(plan.of(matrix(role, TensorType.Q4_K))).as(role.label()).isEqualTo(path));
  }

  @Test
  void aTypeWithoutAnIntegerProductTakesTheOtherPath() {
    Matrix floats = matrix(Role.ATTENTION_Q, TensorType.BF16);
    PathPlan plan = PathPlan.all(MatrixPath.Q8);
    assertThat(plan.asked(floats)).isEqualTo(MatrixPath.Q8);
    assertThat(plan.of(floats)).isEqualTo(MatrixPath.F32);
  }

  @Provide
  Arbitrary<PathPlan> plans() {
    Arbitrary<MatrixPath> paths = Arbitraries.of(MatrixPath.class);
    return Combinators.combine(
            paths,
            Arbitraries.maps(
                Arbitraries.of(
                    "q", "k", "v", "o", "router", "gate", "up", "down", "experts", "head"),
                paths),
            Arbitraries.of(true, false))
        .as(PathPlan::new);
  }

  @Property(tries = 200)
  void everyPlanIsReadAsItIsWritten(@ForAll("plans") PathPlan plan) {
    assertThat(PathPlan.parse(plan.toString())).isEqualTo(plan);
  }

  @Property(tries = 500)
  void anyTextIsAPlanOrAnIllegalArgument(@ForAll String text) {
    try {
      PathPlan plan = PathPlan.parse(text);
      assertThat(PathPlan.parse(plan.toString())).isEqualTo(plan);
    } catch (IllegalArgumentException refused) {
      assertThat(refused).hasMessageContaining(" is ");
    }
  }
}
