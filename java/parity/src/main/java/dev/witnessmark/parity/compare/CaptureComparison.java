package dev.witnessmark.parity.compare;

import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.inference.Model;
import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.model.transformer.Hyperparameters;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.parity.measure.Diagnosis;
import dev.witnessmark.parity.measure.LogitsMetrics;
import dev.witnessmark.parity.measure.StageMetrics;
import dev.witnessmark.parity.measure.StageValues;
import dev.witnessmark.verdict.CouldNotCompare;
import dev.witnessmark.verdict.Progress;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Compares two captures stage by stage. A stage of both sides is in memory at a time, and, where it
 * is computed again, what it is made of.
 */
public final class CaptureComparison implements AutoCloseable {

  private static final StageKey LOGITS = StageKey.of(Stage.LM_HEAD, StageKey.NO_LAYER);

  private final CaptureSide a;
  private final CaptureSide b;
  private final Optional<CaptureSide> truth;
  private final Pairing pairing;
  private final int[] tokens;
  private final boolean alike;
  private final List<String> notes = new ArrayList<>();
  private final Optional<Hyperparameters> sizes;
  private final boolean layout;

  private @Nullable Recomputation ofA;
  private @Nullable Recomputation ofB;

  private CaptureComparison(
      CaptureSide a, CaptureSide b, Optional<CaptureSide> truth, Pairing pairing) {
    this.a = a;
    this.b = b;
    this.truth = truth;
    this.pairing = pairing;
    List<Integer> known = a.capture().tokens();
    this.tokens =
        (known.isEmpty() ? b.capture().tokens() : known)
            .stream().mapToInt(Integer::intValue).toArray();
    this.alike = a.computesLike(b);
    this.sizes = a.sizes().or(b::sizes);
    this.layout = a.layout().or(b::layout).orElse(false);
  }

  /** What computes single stages again, for the run record. */
  public static String oracleName() {
    return HostDevice.best().name();
  }

  /**
   * Compares {@code b} with {@code a}, the reference.
   *
   * @param truth what decides which side is off
   * @throws CouldNotCompare if they are not of one input, stages have no partner, or a model cannot
   *     be that of its capture
   * @throws Refusal if a file cannot be read
   */
  public static CompareResult run(
      CaptureSide a,
      CaptureSide b,
      Optional<CaptureSide> truth,
      CompareOptions options,
      Progress progress)
      throws IOException {
    Pairing pairing = Pairing.of(a, b, options.common());
    if (truth.isPresent()) {
      Pairing.of(a, truth.get(), true);
      Pairing.of(b, truth.get(), true);
    }
    try (CaptureComparison comparison = new CaptureComparison(a, b, truth, pairing)) {
      return comparison.run(options, progress);
    }
  }

  private CompareResult run(CompareOptions options, Progress progress) throws IOException {
    describe();
    ofA = recomputation(a);
    ofB = recomputation(b);
    progress.begin("stages", bytes());
    List<StageComparison> stages = new ArrayList<>();
    for (StageKey key : pairing.keys()) {
      stages.add(compare(key));
      progress.advance(a.tensor(key).bytes() + b.tensor(key).bytes());
    }
    Optional<LogitsMetrics> logits = logits();
    Optional<Divergence> first = first(stages);
    List<GraftOutcome> grafts = List.of();
    if (first.isPresent()) {
      grafts = grafts(first.get().key(), options);
    }
    return new CompareResult(
        CompareResult.Described.of(a),
        CompareResult.Described.of(b),
        truth.map(CompareResult.Described::of),
        Math.max(a.capture().positions(), b.capture().positions()),
        pairing.skipped(),
        notes,
        logits,
        stages,
        first,
        grafts,
        CompareVerdict.of(a, b, stages, logits, first),
        options.run());
  }

  private void describe() {
    for (CaptureSide side : List.of(a, b)) {
      if (side.capture().tokens().isEmpty()) {
        notes.add("%s does not say its tokens: they were not compared".formatted(side.name()));
      }
      if (!side.capture().unmapped().isEmpty()) {
        notes.add(
            "%d tensors of %s are no stage by their names, %s first"
                .formatted(
                    side.capture().unmapped().size(),
                    side.name(),
                    side.capture().unmapped().getFirst()));
      }
      if (side.model().isEmpty() && !side.isExact()) {
        notes.add(
            "own errors of %s are not known: its model was not given or found"
                .formatted(side.name()));
      }
    }
    List<CaptureSide> sides = new ArrayList<>(List.of(b));
    truth.ifPresent(sides::add);
    for (CaptureSide side : sides) {
      boolean turned =
          pairing.keys().stream().anyMatch(key -> RotaryAlignment.concerns(key.stage()))
              && sizes.isPresent()
              && side.layout().orElse(layout) != layout;
      if (turned) {
        notes.add(
            "queries and keys of %s were brought from the %s to the %s layout of rotary embedding"
                .formatted(side.name(), layoutName(!layout), layoutName(layout)));
      }
    }
    truth.ifPresent(t -> {
      long missing =
          pairing.keys().stream().filter(key -> !t.capture().stages().containsKey(key)).count();
      if (missing > 0) {
        notes.add("the truth lacks %d of %d stages".formatted(missing, pairing.keys().size()));
      }
    });
  }

  private static String layoutName(boolean interleaved) {
    return interleaved ? "interleaved" : "half";
  }

  private @Nullable Recomputation recomputation(CaptureSide side) throws IOException {
    if (side.model().isEmpty()) {
      return null;
    }
    if (tokens.length == 0) {
      notes.add("own errors of %s are not known: no side says its tokens".formatted(side.name()));
      return null;
    }
    return Recomputation.open(side, side.model().get(), tokens);
  }

  private long bytes() {
    long bytes = 0;
    for (StageKey key : pairing.keys()) {
      bytes += a.tensor(key).bytes() + b.tensor(key).bytes();
    }
    return bytes;
  }

  /** Values of a stage in the layout of the comparison. */
  private double[] values(StageKey key, CaptureSide side) throws IOException {
    double[] values = StageReader.read(side.tensor(key));
    return sizes.isEmpty()
        ? values
        : RotaryAlignment.align(key, values, sizes.get(), side.layout().orElse(layout), layout);
  }

  private StageComparison compare(StageKey key) throws IOException {
    double[] left = values(key, a);
    double[] right = values(key, b);
    int columns = columns(key);
    StageMetrics metrics = StageMetrics.of(left, right, columns);
    Optional<StageComparison.Truth> against = Optional.empty();
    if (truth.isPresent() && comparable(truth.get(), key)) {
      double[] real = values(key, truth.get());
      against =
          Optional.of(
              new StageComparison.Truth(
                  StageMetrics.of(real, left, columns), StageMetrics.of(real, right, columns)));
    }
    boolean same = StageValues.sameBits(left, right);
    if (same) {
      return new StageComparison(
          key, true, metrics, against, Optional.empty(), Optional.empty(), null, null, List.of());
    }
    Double inherited = null;
    Double added = null;
    Recomputation path = ofA != null ? ofA : ofB;
    if (path != null) {
      Optional<Map<StageKey, MemorySegment>> inputs = path.inputs(key, b);
      if (inputs.isPresent()) {
        double[] fed = path.make(key, inputs.get());
        double[] ours = path.values(key, a);
        inherited = StageMetrics.of(ours, fed, columns).relative();
        added = StageMetrics.of(fed, path.values(key, b), columns).rms() / metrics.referenceRms();
      }
    }
    return new StageComparison(
        key,
        false,
        metrics,
        against,
        own(ofA, key),
        own(ofB, key),
        inherited,
        added,
        remarks(key, left));
  }

  private boolean comparable(CaptureSide side, StageKey key) {
    TensorView found = side.capture().stages().get(key);
    return found != null && found.shape().equals(a.tensor(key).shape());
  }

  private int columns(StageKey key) {
    return Math.toIntExact(a.tensor(key).shape().columns());
  }

  private Optional<OwnError> own(@Nullable Recomputation of, StageKey key) throws IOException {
    return of == null ? Optional.empty() : of.own(key, alike);
  }

  private List<String> remarks(StageKey key, double[] left) throws IOException {
    Recomputation path = ofA != null ? ofA : ofB;
    if (path == null || !path.has(key)) {
      return List.of();
    }
    Optional<Map<StageKey, MemorySegment>> inputs = path.inputs(key, a);
    if (inputs.isEmpty()) {
      return List.of();
    }
    List<String> remarks = new ArrayList<>();
    Map<StageKey, float[]> parts = new TreeMap<>();
    inputs.get().forEach((part, rows) -> parts.put(part, rows.toArray(ValueLayout.JAVA_FLOAT)));
    parts.forEach(
        (part, values) -> Diagnosis.crushed(part, values, path.sizes()).ifPresent(remarks::add));
    Diagnosis.cancelled(
            key,
            parts.keySet(),
            part -> Objects.requireNonNull(parts.get(part)),
            StageValues.narrowed(left))
        .ifPresent(remarks::add);
    return remarks;
  }

  /** What either side's rounding does to logits: A's distance from the truth, else B's from A. */
  private Optional<LogitsMetrics> logits() throws IOException {
    if (!pairing.keys().contains(LOGITS)) {
      return Optional.empty();
    }
    float[] left = StageValues.narrowed(values(LOGITS, a));
    float[] right = StageValues.narrowed(values(LOGITS, b));
    boolean arbiter = truth.isPresent() && comparable(truth.get(), LOGITS);
    float[] other = arbiter ? StageValues.narrowed(values(LOGITS, truth.get())) : right;
    return Optional.of(LogitsMetrics.of(left, right, LogitsMetrics.spread(left, other)));
  }

  /** In forward order, so that nothing before it is to blame. */
  private Optional<Divergence> first(List<StageComparison> stages) {
    for (StageComparison stage : stages) {
      boolean offA = stage.ownA().map(own -> !own.budget().within()).orElse(false);
      boolean offB = stage.ownB().map(own -> !own.budget().within()).orElse(false);
      if (offA || offB) {
        OwnError own = (offA ? stage.ownA() : stage.ownB()).orElseThrow();
        return Optional.of(
            new Divergence(
                stage.key(), offA && offB ? "A and B" : offA ? "A" : "B", own.sentence()));
      }
      boolean unjudged = stage.ownA().isEmpty() && stage.ownB().isEmpty();
      if (stage.metrics().notFinite() > 0 && unjudged) {
        return Optional.of(
            new Divergence(
                stage.key(),
                "A or B",
                "%d values are NaN or infinite on one side only"
                    .formatted(stage.metrics().notFinite())));
      }
      if (alike && !stage.sameBits() && unjudged) {
        return Optional.of(
            new Divergence(
                stage.key(),
                stage.truth().flatMap(StageComparison.Truth::off).orElse("A or B"),
                "the first captured stage with other bits, where both sides follow the contract on"
                    + " the same path"));
      }
    }
    return Optional.empty();
  }

  private List<GraftOutcome> grafts(StageKey at, CompareOptions options) throws IOException {
    Optional<Model> model = b.model().or(a::model);
    boolean possible =
        model.isPresent()
            && tokens.length > 0
            && pairing.keys().contains(LOGITS)
            && GraftTrial.leadsOn(at)
            && fits(at, model.get())
            && fits(LOGITS, model.get());
    return possible
        ? new GraftTrial(b, model.get(), tokens, at).run(a, options.run().maxMemory())
        : List.of();
  }

  private boolean fits(StageKey key, Model model) {
    return key.stage().occursIn(model.hyperparameters(), key.layer())
        && a.tensor(key).shape().elements()
            == key.stage().shape(model.hyperparameters(), tokens.length).stream()
                .mapToLong(Integer::longValue)
                .reduce(1, Math::multiplyExact);
  }

  @Override
  public void close() {
    if (ofA != null) {
      ofA.close();
    }
    if (ofB != null) {
      ofB.close();
    }
  }
}
