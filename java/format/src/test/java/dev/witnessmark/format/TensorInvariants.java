package dev.witnessmark.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** What must be true of every tensor that a reader lets through, whatever the file was. */
public final class TensorInvariants {

  private TensorInvariants() {}

  /** Checks sizes, reads every byte, and that no byte belongs to two tensors. */
  public static void check(List<TensorView> tensors, ByteSource file) throws IOException {
    long total = 0;
    for (TensorView tensor : tensors) {
      assertThat(tensor.bytes()).isEqualTo(tensor.type().bytes(tensor.shape().elements()));
      assertThat(tensor.shape().columns() % tensor.type().blockElements()).isZero();
      assertThat(tensor.name()).isNotEmpty();
      total += tensor.bytes();
      assertThat(total).isLessThanOrEqualTo(file.size());
      if (tensor.bytes() > 0) {
        tensor.read(0, MemorySegment.ofArray(new byte[Math.toIntExact(tensor.bytes())]));
      }
    }
  }
}
