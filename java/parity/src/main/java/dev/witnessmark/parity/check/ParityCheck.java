package dev.witnessmark.parity.check;

import dev.witnessmark.inference.ForwardPass;
import dev.witnessmark.inference.LaunchMode;
import dev.witnessmark.inference.MatrixPath;
import dev.witnessmark.inference.Model;
import dev.witnessmark.inference.PassOptions;
import dev.witnessmark.inference.PathPlan;
import dev.witnessmark.inference.Sampler;
import dev.witnessmark.inference.StageSink;
import dev.witnessmark.inference.StageTensor;
import dev.witnessmark.kernels.exact.ExactDevice;
import dev.witnessmark.kernels.exact.ExactMemory;
import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.Element;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.parity.check.RunCheck.Place;
import dev.witnessmark.parity.measure.LogitsMetrics;
import dev.witnessmark.parity.trace.Prompt;
import dev.witnessmark.parity.trace.Sequence;
import dev.witnessmark.verdict.CouldNotCompare;
import dev.witnessmark.verdict.Progress;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Runs a model on a device and on the oracle: end to end first, then every stage of every call by
 * its hash, then the stages where they part.
 *
 * @param <M> memory of the device
 */
public final class ParityCheck<M> {

  /** What is kept of a run at a time, to look at its stages. */
  private static final long CAPTURE_BYTES = 1L << 30;

  private final Model model;
  private final Device<M> device;
  private final ParityOptions<M> options;
  private final Progress progress;
  private final HostDevice host;
  private final ForwardPass<MemorySegment> oracle;
  private final ForwardPass<M> pass;
  private final long captureBytes;

  private ParityCheck(
      Model model,
      Device<M> device,
      ParityOptions<M> options,
      Progress progress,
      HostDevice host,
      ForwardPass<MemorySegment> oracle,
      ForwardPass<M> pass,
      long captureBytes) {
    this.model = model;
    this.device = device;
    this.options = options;
    this.progress = progress;
    this.host = host;
    this.oracle = oracle;
    this.pass = pass;
    this.captureBytes = captureBytes;
  }

  /**
   * Checks all prompts.
   *
   * @param ownKernels what stands in for our kernels
   * @throws CouldNotCompare if the device cannot run the model as asked
   */
  public static <M> ParityResult run(
      Model model,
      Device<M> device,
      ParityOptions<M> options,
      List<StandIn> ownKernels,
      Progress progress)
      throws IOException {
    return run(model, device, options, ownKernels, progress, CAPTURE_BYTES);
  }

  /** Checks all prompts, keeping {@code captureBytes} of a run at a time. */
  static <M> ParityResult run(
      Model model,
      Device<M> device,
      ParityOptions<M> options,
      List<StandIn> ownKernels,
      Progress progress,
      long captureBytes)
      throws IOException {
    // A processor's vector code is held to its scalar code, everything else to the vector code.
    HostDevice host = device instanceof HostDevice ? HostDevice.scalar() : HostDevice.best();
    try (ForwardPass<MemorySegment> oracle = ForwardPass.open(model, host, options.pass());
        ForwardPass<M> pass = ForwardPass.open(model, device, options.pass())) {
      options.runner().ifPresent(pass::runWith);
      ParityCheck<M> check =
          new ParityCheck<>(model, device, options, progress, host, oracle, pass, captureBytes);
      List<PromptCheck> prompts = new ArrayList<>();
      long runs = 2L + (long) options.modes().size() * options.repeat();
      progress.begin("runs", runs * options.prompts().size());
      for (Prompt prompt : options.prompts()) {
        prompts.add(check.check(prompt));
      }
      Set<Stage> own = ownKernels.stream().map(StandIn::stage).collect(Collectors.toSet());
      List<Finding> findings = Finding.of(prompts, own);
      return new ParityResult(
          model.checkpoint().path().toString(),
          host.name(),
          device.name(),
          options.pass().paths().toString(),
          options.pass().cache() == Element.FLOAT16 ? "f16" : "f32",
          ownKernels,
          prompts,
          findings,
          ParityVerdict.of(prompts, findings),
          options.run());
    }
  }

  private PromptCheck check(Prompt prompt) throws IOException {
    Sequence sequence = generate(oracle, prompt);
    ObservedRun right = ObservedRun.of(oracle, host, sequence, LaunchMode.EAGER, 1);
    progress.advance(1);
    List<ObservedRun> observed = new ArrayList<>();
    Optional<Place> unstable = Optional.empty();
    for (LaunchMode mode : options.modes()) {
      pass.launch(mode);
      for (int repetition = 1; repetition <= options.repeat(); repetition++) {
        ObservedRun run = ObservedRun.of(pass, device, sequence, mode, repetition);
        progress.advance(1);
        if (unstable.isEmpty() && !observed.isEmpty()) {
          unstable = observed.getLast().firstUnlike(run);
        }
        observed.add(run);
      }
    }
    pass.launch(LaunchMode.EAGER);
    List<Integer> generated = generate(pass, prompt).generated();
    progress.advance(1);
    Optional<ObservedRun> differing = Optional.empty();
    for (ObservedRun run : observed) {
      if (differing.isEmpty() && right.firstUnlike(run).isPresent()) {
        differing = Optional.of(run);
      }
    }
    List<Double> noise = Collections.nCopies(right.logits().size(), 0.0);
    FaultSearch.Found found = FaultSearch.Found.NOTHING;
    Optional<PromptCheck.GraftResult> graft = Optional.empty();
    if (differing.isPresent()) {
      noise = noise(sequence, right);
      found =
          new FaultSearch<>(model, host, device, pass, options, captureBytes)
              .run(sequence, differing.get());
      graft =
          new OracleGraft<>(oracle, pass, options.pass().batch())
              .run(sequence, right.logits(), found.faults());
    }
    List<RunCheck> runs = new ArrayList<>();
    for (ObservedRun run : observed) {
      runs.add(compare(run, sequence, right, noise));
    }
    return new PromptCheck(
        prompt.text(),
        sequence,
        generated,
        runs,
        unstable,
        found.unlike(),
        found.faults(),
        found.judged(),
        graft);
  }

  /**
   * What rounding on the oracle's path does to a logit, for each call: its spread around the real
   * ones.
   */
  private List<Double> noise(Sequence sequence, ObservedRun right) throws IOException {
    PassOptions asked = options.pass();
    PassOptions real =
        new PassOptions(
            PathPlan.all(MatrixPath.F32),
            asked.batch(),
            asked.positions(),
            Element.FLOAT32,
            asked.weightBytes());
    List<Double> noise = new ArrayList<>();
    try (ExactDevice arbiter = new ExactDevice();
        ForwardPass<ExactMemory> exact = ForwardPass.open(model, arbiter, real)) {
      sequence.run(
          exact,
          new StageSink<>() {
            @Override
            public boolean wants(StageKey key) {
              return key.stage() == Stage.LM_HEAD;
            }

            @Override
            public void take(StageTensor<ExactMemory> tensor) {
              noise.add(LogitsMetrics.spread(right.logits().get(noise.size()), tensor.floats()));
            }
          });
    }
    return noise;
  }

  private <D> Sequence generate(ForwardPass<D> on, Prompt prompt) throws IOException {
    return Sequence.generate(
        on, prompt.tokens(), options.generate(), Sampler.greedy(), options.ends());
  }

  private RunCheck compare(
      ObservedRun run, Sequence sequence, ObservedRun right, List<Double> noise)
      throws CouldNotCompare {
    List<PositionCheck> positions = new ArrayList<>();
    int position = -1;
    List<Integer> calls = sequence.calls(options.pass().batch());
    for (int call = 0; call < calls.size(); call++) {
      position += calls.get(call);
      positions.add(
          new PositionCheck(
              position,
              position >= sequence.prompt(),
              LogitsMetrics.of(right.logits().get(call), run.logits().get(call), noise.get(call))));
    }
    return new RunCheck(
        run.mode(),
        run.repetition(),
        right.hashes().size(),
        right.unlike(run),
        right.firstUnlike(run),
        positions);
  }
}
