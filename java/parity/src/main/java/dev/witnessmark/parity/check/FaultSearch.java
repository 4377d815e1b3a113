package dev.witnessmark.parity.check;

import dev.witnessmark.inference.ForwardPass;
import dev.witnessmark.inference.LaunchMode;
import dev.witnessmark.inference.Model;
import dev.witnessmark.inference.StageSink;
import dev.witnessmark.inference.StageTensor;
import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.parity.check.RunCheck.Place;
import dev.witnessmark.parity.trace.Sequence;
import dev.witnessmark.parity.trace.SummarySink;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds every stage of a run that is wrong by itself. The run is repeated for one group of stages
 * after the other, so that what is kept of it fits into memory; a stage that is not what it was
 * counts as a finding of its own. So all that the run made is judged, and nothing else.
 *
 * @param <M> memory of the device
 */
final class FaultSearch<M> {

  private final Model model;
  private final HostDevice host;
  private final Device<M> device;
  private final ForwardPass<M> pass;
  private final ParityOptions<M> options;
  private final long mostBytes;

  /** For stages of {@code device}; the captures of a group have {@code mostBytes} at most. */
  FaultSearch(
      Model model,
      HostDevice host,
      Device<M> device,
      ForwardPass<M> pass,
      ParityOptions<M> options,
      long mostBytes) {
    this.model = model;
    this.host = host;
    this.device = device;
    this.pass = pass;
    this.options = options;
    this.mostBytes = mostBytes;
  }

  /**
   * What was found.
   *
   * @param faults in forward order
   * @param judged stages that were looked at
   * @param unlike the first stage that was something else when it was looked at again
   */
  record Found(List<StageFault> faults, int judged, Optional<Place> unlike) {

    static final Found NOTHING = new Found(List.of(), 0, Optional.empty());
  }

  /** Judges all that {@code run} of {@code sequence} has made. */
  Found run(Sequence sequence, ObservedRun run) throws IOException {
    int[] tokens = sequence.tokens(0, sequence.tokens().size());
    List<Integer> calls = sequence.calls(options.pass().batch());
    List<StageFault> faults = new ArrayList<>();
    int judged = 0;
    Optional<Place> unlike = Optional.empty();
    pass.launch(run.mode());
    try (StageJudge judge = StageJudge.open(model, host, options.pass(), tokens, calls)) {
      for (StageGroup group : judge.groups(mostBytes)) {
        StageStore<M> own = new StageStore<>(judge.sizes(), group.needed());
        List<SummarySink.Seen> again = capture(sequence, own);
        if (unlike.isEmpty()) {
          unlike = run.firstUnlike(again);
        }
        for (StageKey key : group.judged()) {
          judge.judge(key, own).ifPresent(faults::add);
        }
        judged += group.judged().size();
      }
    } finally {
      pass.launch(LaunchMode.EAGER);
    }
    return new Found(faults, judged, unlike);
  }

  /** Runs the sequence once more; what the store wanted of it. */
  private List<SummarySink.Seen> capture(Sequence sequence, StageStore<M> store)
      throws IOException {
    try (SummarySink<M> summary = new SummarySink<>(device)) {
      sequence.run(
          pass,
          new StageSink<>() {
            @Override
            public boolean wants(StageKey key) {
              return store.wants(key);
            }

            @Override
            public void take(StageTensor<M> tensor) throws IOException {
              summary.take(tensor);
              store.take(tensor);
            }
          });
      return summary.seen();
    }
  }
}
