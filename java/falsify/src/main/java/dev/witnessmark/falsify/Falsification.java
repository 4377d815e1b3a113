package dev.witnessmark.falsify;

import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.kernels.numerics.Numerics;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.verdict.CouldNotCompare;
import dev.witnessmark.verdict.Progress;
import dev.witnessmark.verdict.RunRecord;
import java.util.ArrayList;
import java.util.List;

/** Runs experiments: their own arithmetic in scalar code, their trials on two devices. */
public final class Falsification {

  private Falsification() {}

  /**
   * Runs experiments in the order given.
   *
   * @param device what is held against the scalar oracle; stays open
   * @param progress is told of each experiment
   * @throws CouldNotCompare if the device lacks a kernel
   */
  public static FalsifyResult run(
      List<Experiment<?>> experiments, Device<?> device, RunRecord run, Progress progress)
      throws CouldNotCompare {
    try (HostDevice scalar = HostDevice.scalar()) {
      Kernels oracle = Kernels.of(scalar);
      Kernels tried = Kernels.of(device);
      List<ExperimentResult> results = new ArrayList<>();
      progress.begin("experiments", experiments.size());
      for (Experiment<?> experiment : experiments) {
        results.add(experiment.perform(oracle, tried));
        progress.advance(1);
      }
      return new FalsifyResult(results, oracle.name(), tried.name(), Numerics.VERSION, run);
    }
  }
}
