package dev.witnessmark.format.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.TensorView;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Set;

/** What is true of every model that is not refused. */
final class WellFormed {

  private WellFormed() {}

  /** Names are unique, and the bytes of every tensor are as many as it needs and are there. */
  static void check(Checkpoint checkpoint) throws IOException {
    Set<String> names = new HashSet<>();
    for (TensorView tensor : checkpoint.tensors()) {
      assertThat(names.add(tensor.name())).as(tensor.name()).isTrue();
      assertThat(tensor.bytes())
          .as(tensor.name())
          .isEqualTo(tensor.type().bytes(tensor.shape().elements()));
      if (tensor.bytes() > 0) {
        tensor.read(tensor.bytes() - 1, MemorySegment.ofArray(new byte[1]));
      }
    }
  }
}
