package dev.witnessmark.bench.measure;

import dev.witnessmark.bench.KernelCheck;
import dev.witnessmark.kernels.conformance.Conformance;
import dev.witnessmark.kernels.conformance.Inputs;
import dev.witnessmark.kernels.conformance.Mismatch;
import dev.witnessmark.kernels.conformance.Trial;
import dev.witnessmark.kernels.exact.Exact;
import dev.witnessmark.kernels.exact.Judgement;
import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.Operand;
import dev.witnessmark.kernels.operation.Operation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Holds what a device computes for one kernel against the oracle, and against the budget. */
public final class KernelTrials {

  private KernelTrials() {}

  /** Whether there is a kernel of this name to stand in for. */
  public static boolean isKernel(String kernelName) {
    return Trial.operations().anyMatch(operation -> operation.kernelName().equals(kernelName));
  }

  /**
   * Tries every operation of {@code kernelName} on {@code device}.
   *
   * @param own name of the kernel that runs there in its place
   */
  public static <M> KernelCheck check(Device<M> device, String kernelName, String own) {
    long trials = 0;
    long equal = 0;
    long within = 0;
    String first = null;
    for (Trial trial : Trial.all()) {
      if (!trial.operation().kernelName().equals(kernelName)) {
        continue;
      }
      trials++;
      try (Arena arena = Arena.ofConfined()) {
        Operation operation = trial.operation();
        List<MemorySegment> operands = Inputs.of(operation, trial.pattern(), arena);
        List<MemorySegment> actual = Conformance.run(operation, device, operands, arena);
        HostDevice.scalar().run(operation, operands);
        Mismatch mismatch = firstMismatch(operation, operands, actual);
        if (mismatch == null) {
          equal++;
          within++;
          continue;
        }
        List<Judgement> judgements = Exact.judge(operation, actual);
        within += judgements.stream().allMatch(Judgement::within) ? 1 : 0;
        first = first == null ? sentence(trial, mismatch, judgements) : first;
      }
    }
    return new KernelCheck(own, kernelName, trials, equal, within, first);
  }

  private static @Nullable Mismatch firstMismatch(
      Operation operation, List<MemorySegment> expected, List<MemorySegment> actual) {
    List<Operand> operands = operation.operands();
    for (int i = 0; i < operands.size(); i++) {
      Mismatch found =
          Conformance.compare(operands.get(i), expected.get(i), actual.get(i)).orElse(null);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private static String sentence(Trial trial, Mismatch mismatch, List<Judgement> judgements) {
    double used = judgements.stream().mapToDouble(Judgement::used).max().orElse(0);
    return "%s: %s[%d] has bits %x, the oracle %x; %d differ; at most %.3g of the budget is used"
        .formatted(
            trial,
            mismatch.operand(),
            mismatch.index(),
            mismatch.actual(),
            mismatch.expected(),
            mismatch.elements(),
            used);
  }
}
