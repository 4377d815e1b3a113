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
import dev.witnessmark.parity.trace.Sequence;
import dev.witnessmark.parity.trace.StageSummary;
import dev.witnessmark.parity.trace.SummarySink;
import dev.witnessmark.verdict.CouldNotCompare;
import dev.witnessmark.verdict.Progress;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Runs a model on a device and on the oracle: end to end first, then every stage of every call by
 * its hash, then the stages where they part.
 *
 * @param <M> memory of the device
 */
public final class ParityCheck<M> {

  private final Model model;
  private final Device<M> device;
  private final ParityOptions<M> options;
  private final Progress progress;
  private final HostDevice host;
  private final ForwardPass<MemorySegment> oracle;
  private final ForwardPass<M> pass;

  private ParityCheck(
      Model model,
      Device<M> device,
      ParityOptions<M> options,
      Progress progress,
      HostDevice host,
      ForwardPass<MemorySegment> oracle,
      ForwardPass<M> pass) {
    this.model = model;
    this.device = device;
    this.options = options;
    this.progress = progress;
    this.host = host;
    this.oracle = oracle;
    this.pass = pass;
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
    // A processor's vector code is held to its scalar code, everything else to the vector code.
    HostDevice host = device instanceof HostDevice ? HostDevice.scalar() : HostDevice.best();
    PassOptions eager = options.pass();
    try (ForwardPass<MemorySegment> oracle = ForwardPass.open(model, host, eager);
        ForwardPass<M> pass = ForwardPass.open(model, device, eager)) {
      options.runner().ifPresent(pass::runWith);
      ParityCheck<M> check =
          new ParityCheck<>(model, device, options, progress, host, oracle, pass);
      List<PromptCheck> prompts = new ArrayList<>();
      long runs = 2L + (long) options.modes().size() * options.repeat();
      progress.begin("runs", runs * options.prompts().size());
      for (ParityOptions.Prompt prompt : options.prompts()) {
        prompts.add(check.check(prompt));
      }
      List<Finding> findings = Finding.of(prompts, options.runner().isEmpty());
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

  /**
   * A run as it was seen.
   *
   * @param stages every stage of every call, in the order in which they were made
   * @param logits after each call
   */
  private record Seen(List<SummarySink.Seen> stages, List<float[]> logits) {

    Map<Place, Long> hashes() {
      Map<Place, Long> hashes = new HashMap<>();
      stages.forEach(seen -> hashes.put(place(seen), seen.summary().hash()));
      return hashes;
    }

    static Place place(SummarySink.Seen seen) {
      StageSummary summary = seen.summary();
      return new Place(seen.first(), summary.key());
    }
  }

  private PromptCheck check(ParityOptions.Prompt prompt) throws IOException {
    Sequence sequence = generate(oracle, prompt);
    Seen right = see(oracle, host, sequence);
    progress.advance(1);
    List<Ran> ran = new ArrayList<>();
    Optional<Place> unstable = Optional.empty();
    for (LaunchMode mode : options.modes()) {
      pass.launch(mode);
      Optional<Seen> earlier = Optional.empty();
      for (int repetition = 1; repetition <= options.repeat(); repetition++) {
        Seen seen = see(pass, device, sequence);
        progress.advance(1);
        ran.add(new Ran(mode, repetition, seen));
        if (unstable.isEmpty() && earlier.isPresent()) {
          unstable = first(earlier.get(), seen);
        }
        earlier = Optional.of(seen);
      }
    }
    pass.launch(LaunchMode.EAGER);
    List<Integer> generated = generate(pass, prompt).generated();
    progress.advance(1);
    List<Double> noise = noise(sequence, right, ran);
    List<RunCheck> runs = new ArrayList<>();
    for (Ran run : ran) {
      runs.add(compare(run, sequence, right, noise));
    }
    Optional<Place> first = runs.stream().flatMap(run -> run.first().stream()).findFirst();
    if (first.isEmpty()) {
      return new PromptCheck(
          prompt.text(), sequence, generated, runs, unstable, List.of(), 0, Optional.empty());
    }
    FaultSearch<M> search =
        new FaultSearch<>(model, device, options, oracle, pass, sequence, first.get().key());
    FaultSearch.Found found = search.run();
    return new PromptCheck(
        prompt.text(),
        sequence,
        generated,
        runs,
        unstable,
        found.faults(),
        found.judged(),
        found.graft());
  }

  /** A run of the device. */
  private record Ran(LaunchMode mode, int repetition, Seen seen) {}

  /**
   * What rounding on the oracle's path does to a logit, for each call: its spread around the real
   * ones. Nothing where nothing differs, for then it is not needed.
   */
  private List<Double> noise(Sequence sequence, Seen right, List<Ran> ran) throws IOException {
    boolean differs = false;
    for (Ran run : ran) {
      differs |= first(right, run.seen()).isPresent();
    }
    if (!differs) {
      return Collections.nCopies(right.logits().size(), 0.0);
    }
    PassOptions asked = options.pass();
    PassOptions real =
        new PassOptions(
            PathPlan.all(MatrixPath.F32),
            asked.batch(),
            asked.positions(),
            Element.FLOAT32,
            asked.weightBytes(),
            LaunchMode.EAGER);
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

  private <D> Sequence generate(ForwardPass<D> on, ParityOptions.Prompt prompt) throws IOException {
    return Sequence.generate(
        on, prompt.tokens(), options.generate(), Sampler.greedy(), options.ends());
  }

  private static <D> Seen see(ForwardPass<D> pass, Device<D> device, Sequence sequence)
      throws IOException {
    List<float[]> logits = new ArrayList<>();
    try (SummarySink<D> summary = new SummarySink<>(device)) {
      sequence.run(
          pass,
          new StageSink<>() {
            @Override
            public boolean wants(StageKey key) {
              return true;
            }

            @Override
            public void take(StageTensor<D> tensor) {
              summary.take(tensor);
              if (tensor.key().stage() == Stage.LM_HEAD) {
                logits.add(tensor.floats());
              }
            }
          });
      return new Seen(summary.seen(), logits);
    }
  }

  /** The first place, in the order of the oracle's run, that has another hash. */
  private static Optional<Place> first(Seen right, Seen other) throws CouldNotCompare {
    Map<Place, Long> hashes = other.hashes();
    for (SummarySink.Seen seen : right.stages()) {
      Place place = Seen.place(seen);
      Long hash = hashes.get(place);
      if (hash == null) {
        throw new CouldNotCompare(
            "the device made no %s at position %d".formatted(place.key(), place.position()));
      }
      if (hash != seen.summary().hash()) {
        return Optional.of(place);
      }
    }
    return Optional.empty();
  }

  private RunCheck compare(Ran ran, Sequence sequence, Seen right, List<Double> noise)
      throws CouldNotCompare {
    Seen seen = ran.seen();
    Optional<Place> first = first(right, seen);
    Map<Place, Long> hashes = seen.hashes();
    long differing =
        right.stages().stream()
            .filter(s -> !Objects.equals(hashes.get(Seen.place(s)), s.summary().hash()))
            .count();
    List<PositionCheck> positions = new ArrayList<>();
    int position = -1;
    List<Integer> calls = sequence.calls(options.pass().batch());
    for (int call = 0; call < calls.size(); call++) {
      position += calls.get(call);
      positions.add(
          new PositionCheck(
              position,
              position >= sequence.prompt(),
              LogitsMetrics.of(
                  right.logits().get(call), seen.logits().get(call), noise.get(call))));
    }
    return new RunCheck(
        ran.mode(), ran.repetition(), right.stages().size(), differing, first, positions);
  }
}
