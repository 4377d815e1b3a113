package dev.witnessmark.kernels.host;

import dev.witnessmark.kernels.operation.Arithmetic;
import dev.witnessmark.kernels.operation.Operation;
import java.util.Optional;

/** One implementation of the operations. */
interface HostKernels {

  /** What computes: {@code scalar} or, for example, {@code vector-512}. */
  String implementation();

  /** The kernel for an operation, if there is one in that arithmetic. */
  Optional<HostKernel> find(Operation operation, Arithmetic arithmetic);
}
