package dev.witnessmark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.kernels.operation.Add;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.verdict.CouldNotCompare;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

class OwnKernelRunnerTest {

  private static final Add ADD = new Add(1);

  @Test
  void aKernelThatWasNeverRunIsNoPass() throws CouldNotCompare {
    try (OwnKernelRunner<MemorySegment> runner = new OwnKernelRunner<>(HostDevice.best());
        Arena arena = Arena.ofConfined()) {
      runner.replace(Stage.POST_ATTN_RESIDUAL, ADD.kernelName(), HostDevice.scalar());
      MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1);
      MemorySegment sum = arena.allocate(ValueLayout.JAVA_FLOAT);
      runner.run(StageKey.of(Stage.POST_FFN_RESIDUAL, 0), ADD, List.of(one, one, sum));
      assertThat(sum.get(ValueLayout.JAVA_FLOAT, 0)).isEqualTo(2);
      assertThatExceptionOfType(CouldNotCompare.class)
          .isThrownBy(runner::requireAllRan)
          .withMessageContaining("post_attn_residual/" + ADD.kernelName());
      runner.run(StageKey.of(Stage.POST_ATTN_RESIDUAL, 3), ADD, List.of(one, one, sum));
      runner.requireAllRan();
    }
  }
}
