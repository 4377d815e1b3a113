package dev.witnessmark.kernels.host;

import java.lang.foreign.MemorySegment;
import java.util.List;

/** An operation made ready to run. */
@FunctionalInterface
interface HostKernel {

  /** Runs on operands whose number and sizes are right. */
  void run(List<MemorySegment> operands);
}
