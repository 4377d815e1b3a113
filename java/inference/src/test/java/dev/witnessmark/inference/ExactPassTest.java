package dev.witnessmark.inference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.kernels.exact.ExactDevice;
import dev.witnessmark.kernels.exact.ExactMemory;
import java.io.IOException;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The pass in float64 against captures that were made by another program. */
class ExactPassTest {

  /** What the README of the captures asks for, relative to the largest value of a stage. */
  private static final double AGREEMENT = 1e-9;

  @Test
  void everyStageAgrees() throws IOException {
    Golden golden = Golden.sum();
    try (DemoModel demo = DemoModel.open();
        ExactDevice device = new ExactDevice();
        ForwardPass<ExactMemory> pass =
            ForwardPass.open(demo.model(), device, DemoModel.options("f32", 64))) {
      Captured<ExactMemory> captured = new Captured<>();
      pass.run(golden.tokens(), captured);
      assertThat(captured.stages().keySet()).containsAll(golden.stages().keySet());
      golden
          .stages()
          .forEach((key, expected) -> {
            double[] ours = Objects.requireNonNull(captured.stages().get(key));
            assertThat(ours).as(key.name()).hasSameSizeAs(expected);
            assertThat(Golden.distance(ours, expected)).as(key.name()).isLessThan(AGREEMENT);
          });
    }
  }
}
