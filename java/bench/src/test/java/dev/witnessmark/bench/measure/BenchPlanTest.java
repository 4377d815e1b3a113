package dev.witnessmark.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.operation.Arithmetic;
import dev.witnessmark.kernels.operation.MatVecF32;
import dev.witnessmark.kernels.operation.MatVecQ8;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BenchPlanTest {

  private static List<Workload> workloads(Set<Arithmetic> arithmetics) {
    return BenchPlan.large()
        .workloads(
            operation -> true,
            (operation, arithmetic) -> true,
            arithmetics,
            EnumSet.of(CacheState.COLD));
  }

  private static Workload fast(TensorType type, int batch) {
    return new Workload(
        new MatVecF32(type, 14_336, 4_096, batch), Arithmetic.FAST, CacheState.COLD);
  }

  @Test
  void productsOfPromptsAreFast() {
    Workload beside =
        new Workload(
            new MatVecQ8(TensorType.Q4_K, 14_336, 4_096, 512),
            Arithmetic.CANONICAL,
            CacheState.COLD);

    assertThat(workloads(EnumSet.allOf(Arithmetic.class)))
        .doesNotHaveDuplicates()
        .filteredOn(workload ->
            switch (workload.operation()) {
              case MatVecF32 product -> product.batch() > 8;
              case MatVecQ8 product -> product.batch() > 8;
              default -> false;
            })
        .containsExactly(
            fast(TensorType.Q4_K, 512),
            fast(TensorType.F16, 512),
            fast(TensorType.Q4_K, 2048),
            fast(TensorType.F16, 2048),
            beside);
  }

  @Test
  void onlyWhatIsAskedForAndRunsIsMeasured() {
    assertThat(workloads(EnumSet.of(Arithmetic.CANONICAL)))
        .isNotEmpty()
        .noneMatch(workload -> workload.arithmetic() == Arithmetic.FAST);
    assertThat(
            BenchPlan.small()
                .workloads(
                    MatVecF32.class::isInstance,
                    (operation, arithmetic) -> arithmetic == Arithmetic.FAST,
                    EnumSet.allOf(Arithmetic.class),
                    EnumSet.allOf(CacheState.class)))
        .isNotEmpty()
        .allMatch(workload -> workload.operation() instanceof MatVecF32)
        .allMatch(workload -> workload.arithmetic() == Arithmetic.FAST);
  }
}
