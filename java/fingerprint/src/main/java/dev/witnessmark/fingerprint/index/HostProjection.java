package dev.witnessmark.fingerprint.index;

import dev.witnessmark.compare.matrix.KernelChoice;
import java.util.List;

/** {@link RowProjection} on the processor. */
final class HostProjection extends RowProjection {

  HostProjection(KernelChoice kernels) {
    super(kernels);
  }

  @Override
  String implementation() {
    return kernels().projection().implementation();
  }

  @Override
  String reason(List<CheckpointTensor> tensors) {
    return kernels().reason();
  }

  @Override
  RowProjector projector() {
    return HostProjector.ofThisThread(kernels());
  }
}
