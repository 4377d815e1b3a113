package dev.witnessmark.explain;

import dev.witnessmark.compare.match.Operand;
import dev.witnessmark.explain.DeltaRow.Usability;
import dev.witnessmark.explain.algebra.Basis;
import dev.witnessmark.explain.algebra.DenseMatrix;
import dev.witnessmark.explain.algebra.PanelSum;
import dev.witnessmark.explain.algebra.PrincipalAngles;
import dev.witnessmark.explain.algebra.SymmetricMatrix;
import dev.witnessmark.explain.candidate.Candidate;
import dev.witnessmark.explain.candidate.LayerContext;
import dev.witnessmark.explain.candidate.ModelContext;
import dev.witnessmark.explain.candidate.Need;
import dev.witnessmark.explain.source.CaptureDescription;
import dev.witnessmark.explain.source.CaptureTensor;
import dev.witnessmark.explain.source.Captures;
import dev.witnessmark.explain.source.DeltaSize;
import dev.witnessmark.explain.source.GramStore;
import dev.witnessmark.explain.source.ModelMatrices;
import dev.witnessmark.explain.source.StoredBlocks;
import dev.witnessmark.explain.source.TensorDelta;
import dev.witnessmark.explain.source.TensorPlace;
import dev.witnessmark.explain.source.Tuning;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.FileFormat;
import dev.witnessmark.format.InputFingerprint;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.peft.PeftAdapter;
import dev.witnessmark.model.Role;
import dev.witnessmark.model.TensorIdentity;
import dev.witnessmark.verdict.CouldNotCompare;
import dev.witnessmark.verdict.Progress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Explains a fine-tune. Deltas are measured first; then one pass over all layers sums Gram
 * matrices, and another goes from the last layer to the first, so that what later layers read is a
 * running sum: it makes the candidates of a layer, scores them, and lets the layer go. In memory
 * are a few Gram matrices of the whole model, those of one layer, as many more as the options
 * allow, and slices of single tensors.
 */
public final class Explanation {

  private final Operand base;
  private final Operand tuned;
  private final Optional<Captures> captures;
  private final ExplainOptions options;
  private final Progress progress;
  private final Tuning tuning;
  private final ModelMatrices model;
  private final List<TargetRow> targets = new ArrayList<>();
  private final List<LabelRow> label = new ArrayList<>();
  private final List<LayerRow> rows = new ArrayList<>();
  private final List<ScopeRow> scope = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final Map<Candidate, Map<String, TreeSet<Integer>>> missing =
      new EnumMap<>(Candidate.class);

  private final Map<TensorPlace, Change> changed = new LinkedHashMap<>();

  private Explanation(
      Operand base,
      Operand tuned,
      Optional<Captures> captures,
      ExplainOptions options,
      Progress progress)
      throws IOException {
    this.base = base;
    this.tuned = tuned;
    this.captures = captures;
    this.options = options;
    this.progress = progress;
    this.tuning = Tuning.of(base, tuned);
    this.model = tuning.model();
  }

  /**
   * Explains what {@code tuned} does to {@code base}.
   *
   * @param tuned another checkpoint of the same architecture, or the base with an adapter on top,
   *     whose factors then are the delta
   * @param captures recorded activations, empty to use weights alone
   * @param progress told of bytes of base weights dealt with: for deltas, sums and candidates
   * @throws CouldNotCompare if nothing differs, or what was asked for does not fit the model
   * @throws Refusal if a file is wrong, or deltas are of quantised weights and that was not allowed
   */
  public static ExplainResult of(
      Operand base,
      Operand tuned,
      Optional<Captures> captures,
      ExplainOptions options,
      Progress progress)
      throws IOException {
    return new Explanation(base, tuned, captures, options, progress).run();
  }

  /** What multiplies, for the run record. */
  public static String implementation() {
    return PanelSum.implementation();
  }

  private ExplainResult run() throws IOException {
    check();
    notes.addAll(tuning.notes());
    measure();
    List<Integer> averaged = averaged();
    progress.begin("Gram matrices", bytes());
    GramStore grams = new GramStore(model, options.gramBytes());
    ModelContext context =
        ModelContext.of(
            model,
            grams,
            captures,
            new ModelContext.Widths(
                options.candidateWidth(), options.broadWidth(), options.headwise()),
            sinkToken());
    progress.advance(bytes());
    DeltaDescriptions descriptions =
        DeltaDescriptions.of(model, grams, options.spectra(), context.unembedding());
    describe(descriptions, TensorIdentity.NONE, Map.of());
    progress.begin("candidates", bytes());
    Optional<SymmetricMatrix> downstream = context.unembedding();
    for (int layer = model.layers() - 1; layer >= 0; layer--) {
      boolean wanted = options.everyLayer() || averaged.contains(layer);
      Map<Role, SymmetricMatrix> writes = writes(layer);
      describe(descriptions, layer, writes);
      if (wanted) {
        layer(context, layer, downstream, writes);
      }
      downstream = layer == 0 ? downstream : withReaders(downstream, grams, layer);
      grams.release(layer);
      progress.advance(bytes(layer));
    }
    return result(averaged, descriptions);
  }

  private void check() throws IOException {
    if (base.model().blocks() != tuned.model().blocks()) {
      throw new CouldNotCompare(
          "%s has %d blocks, %s has %d: the one is no fine-tune of the other"
              .formatted(base.name(), base.model().blocks(), tuned.name(), tuned.model().blocks()));
    }
    if (options.broadWidth() >= model.width()) {
      throw new CouldNotCompare(
          "%d directions are to be projected away, the hidden state has only %d; ask for fewer"
              .formatted(options.broadWidth(), model.width()));
    }
    Optional<ExplainOptions.LayerRange> range = options.layers();
    if (range.isPresent() && range.get().last() >= model.layers()) {
      throw new CouldNotCompare(
          "layer %d is asked for, the model has %d, counted from 0"
              .formatted(range.get().last(), model.layers()));
    }
    if (captures.isPresent()) {
      CaptureDescription description = captures.get().description();
      if (description.layers() != model.layers() || description.width() != model.width()) {
        throw new CouldNotCompare(
            "the activations are of %d layers of width %d, the model has %d of %d"
                .formatted(
                    description.layers(), description.width(), model.layers(), model.width()));
      }
      requireSame("the activations", description.model(), base.checkpoint());
      if (description.delta().isPresent()) {
        PeftAdapter adapter = tuned.adapter();
        requireSame(
            "the labels",
            description.delta().get(),
            adapter == null ? tuned.checkpoint() : adapter.checkpoint());
      }
    }
  }

  /** Holds what is recorded of weights against the weights that are here. */
  private static void requireSame(
      String what, CaptureDescription.Identity recorded, Checkpoint here) throws IOException {
    if (recorded.sha256().isPresent()) {
      InputFingerprint fingerprint = InputFingerprint.of(here.files().getFirst());
      if (!fingerprint.sha256().equals(recorded.sha256().get())) {
        throw new CouldNotCompare(
            "%s are of %s with fingerprint %s, %s has %s"
                .formatted(
                    what,
                    recorded.name(),
                    recorded.sha256().get(),
                    fingerprint.path(),
                    fingerprint.sha256()));
      }
    }
  }

  /** Stored bytes of all matrices. */
  private long bytes() {
    return model.matrices().values().stream().mapToLong(StoredBlocks::bytes).sum();
  }

  /** Stored bytes of the matrices of one layer. */
  private long bytes(int layer) {
    return model.matrices().entrySet().stream()
        .filter(entry -> entry.getKey().layer() == layer)
        .mapToLong(entry -> entry.getValue().bytes())
        .sum();
  }

  /** Reads every delta once, and keeps those that are not zero. */
  private void measure() throws IOException {
    progress.begin(
        "deltas", tuning.deltas().stream().mapToLong(delta -> delta.base().bytes()).sum());
    for (TensorDelta delta : tuning.deltas()) {
      DeltaSize size = DeltaSize.of(delta);
      progress.advance(delta.base().bytes());
      if (size.energy() > 0) {
        changed.put(delta.place(), new Change(delta, size));
        if (delta.isQuantised() && !options.quantisedDelta()) {
          throw new Refusal.Unsupported(
              tuned.name(),
              delta.name(),
              -1,
              ("of the difference of quantised weights (%s and %s) %.1f %% of the energy is expected"
                      + " to be rounding; explain the adapter, or weights that are not quantised, or"
                      + " ask for quantised deltas all the same")
                  .formatted(
                      delta.base().matrix().type(), delta.storage(), 100 * size.roundingShare()));
        }
      }
    }
    if (changed.isEmpty()) {
      throw new CouldNotCompare(
          "no matrix differs between %s and %s: there is nothing to explain"
              .formatted(base.name(), tuned.name()));
    }
  }

  /** The layers asked for, or those in which a matrix changed. */
  private List<Integer> averaged() throws CouldNotCompare {
    TreeSet<Integer> layers = new TreeSet<>();
    for (int layer = 0; layer < model.layers(); layer++) {
      int number = layer;
      boolean tunedHere = changed.keySet().stream().anyMatch(place -> place.layer() == number);
      if (options.layers().map(range -> range.contains(number)).orElse(tunedHere)) {
        layers.add(layer);
      }
    }
    if (layers.isEmpty()) {
      throw new CouldNotCompare("no block changed, only what is outside of them");
    }
    return List.copyOf(layers);
  }

  /** The token asked for, or the one that the model begins texts with, or ends them with. */
  private OptionalInt sinkToken() {
    OptionalInt token = options.sinkToken();
    for (String name : List.of("bos_token_id", "eos_token_id")) {
      if (token.isEmpty()) {
        token = metadataToken(base.checkpoint(), name);
        token.ifPresent(
            id -> notes.add("attention_sink: token %d, the model's %s".formatted(id, name)));
      }
    }
    int vocabulary = model.embedding().map(matrix -> matrix.rows()).orElse(0);
    return token.stream().filter(id -> id >= 0 && id < vocabulary).findFirst();
  }

  private static OptionalInt metadataToken(Checkpoint checkpoint, String name) {
    boolean gguf = checkpoint.format() == FileFormat.GGUF;
    OptionalLong id =
        checkpoint.metadata().whole(gguf ? "tokenizer.ggml." + name : "config." + name);
    return id.isPresent() && id.getAsLong() == (int) id.getAsLong()
        ? OptionalInt.of((int) id.getAsLong())
        : OptionalInt.empty();
  }

  private Optional<SymmetricMatrix> withReaders(
      Optional<SymmetricMatrix> sum, GramStore grams, int layer) throws IOException {
    Optional<SymmetricMatrix> total = sum;
    for (Role role : model.readers()) {
      Optional<SymmetricMatrix> reader =
          total.isEmpty() ? Optional.empty() : grams.gram(role, layer);
      Optional<SymmetricMatrix> before = total;
      total = reader.map(gram -> before.orElseThrow().plus(gram));
    }
    return total;
  }

  /** Describes the deltas of one layer, or those outside of all. */
  private void describe(
      DeltaDescriptions descriptions, int layer, Map<Role, SymmetricMatrix> writes)
      throws IOException {
    for (Change change : changed.values()) {
      TensorPlace place = change.delta().place();
      if (place.layer() == layer) {
        descriptions.add(change, Optional.ofNullable(writes.get(place.role())));
      }
    }
  }

  /** Gram matrices of what changed in what writes to the hidden state. */
  private Map<Role, SymmetricMatrix> writes(int layer) throws IOException {
    Map<Role, SymmetricMatrix> grams = new EnumMap<>(Role.class);
    for (Role role : ModelMatrices.WRITERS) {
      Change change = changed.get(new TensorPlace(role, layer));
      if (change != null) {
        grams.put(role, change.delta().gramOfRows());
      }
    }
    return grams;
  }

  private void layer(
      ModelContext context,
      int layer,
      Optional<SymmetricMatrix> downstream,
      Map<Role, SymmetricMatrix> writes)
      throws IOException {
    Optional<SymmetricMatrix> both = writes.values().stream().reduce(SymmetricMatrix::plus);
    LayerContext here = new LayerContext(context, layer, downstream, both);
    Optional<DenseMatrix> samples = Optional.empty();
    if (here.has(Need.EVALUATION_LABEL)) {
      samples = Optional.of(captures.orElseThrow().layer(CaptureTensor.LABEL_EVAL, layer));
    }
    LayerTargets against =
        LayerTargets.of(
            layer,
            samples,
            Optional.ofNullable(writes.get(Role.ATTENTION_OUTPUT)),
            Optional.ofNullable(writes.get(Role.FFN_DOWN)),
            basis(here, Candidate.LAYER_CLEAN_RESID_PCA),
            basis(here, Candidate.DW_LEFT_BASIS_CEILING),
            options.nulls(),
            model.width(),
            2 * options.candidateWidth() + 1);
    for (Candidate candidate : Candidate.values()) {
      List<Need> needs = here.missing(candidate);
      if (needs.isEmpty()) {
        rows.add(against.score(candidate, here.built(candidate)));
      } else {
        missing
            .computeIfAbsent(candidate, _ -> new TreeMap<>())
            .computeIfAbsent(needs.getFirst().label(), _ -> new TreeSet<>())
            .add(layer);
      }
    }
    targets.addAll(against.weightRows(options.candidateWidth()));
    against.labelRow(options.candidateWidth()).ifPresent(label::add);
    scope(here, layer);
  }

  private static Optional<Basis> basis(LayerContext here, Candidate candidate) throws IOException {
    return here.missing(candidate).isEmpty()
        ? Optional.of(here.built(candidate).basis())
        : Optional.empty();
  }

  /** Overlaps of the oracles, where the block's own label is there. */
  private void scope(LayerContext here, int layer) throws IOException {
    Optional<Basis> weights = basis(here, Candidate.DW_LEFT_BASIS_CEILING);
    Optional<Basis> cumulative = basis(here, Candidate.ACT_ORACLE);
    Optional<Basis> block = basis(here, Candidate.ACT_ORACLE_BLOCK);
    if (weights.isEmpty() || cumulative.isEmpty() || block.isEmpty()) {
      return;
    }
    Captures all = captures.orElseThrow();
    scope.add(
        new ScopeRow(
            layer,
            PrincipalAngles.between(weights.get(), cumulative.get()).overlap(),
            PrincipalAngles.between(weights.get(), block.get()).overlap(),
            PrincipalAngles.between(cumulative.get(), block.get()).overlap(),
            Math.sqrt(all.layer(CaptureTensor.BLOCK_LABEL_EVAL, layer).squaredNorm()),
            Math.sqrt(all.layer(CaptureTensor.LABEL_EVAL, layer).squaredNorm())));
  }

  private ExplainResult result(List<Integer> averaged, DeltaDescriptions descriptions) {
    List<DeltaRow> deltas = descriptions.rows();
    notes.addAll(descriptions.notes());
    rows.sort(Comparator.comparing(LayerRow::candidate).thenComparingInt(LayerRow::layer));
    targets.sort(Comparator.comparingInt(TargetRow::layer));
    label.sort(Comparator.comparingInt(LabelRow::layer));
    scope.sort(Comparator.comparingInt(ScopeRow::layer));
    Summary summary = new Summary(averaged, options.headwise());
    List<SummaryRow> means = summary.of(rows);
    List<Unavailable> unavailable = new ArrayList<>();
    missing.forEach((candidate, reasons) ->
        reasons.forEach((reason, layers) ->
            unavailable.add(new Unavailable(candidate, List.copyOf(layers), reason))));
    return new ExplainResult(
        base.name(),
        tuned.name(),
        options,
        model.width(),
        model.layers(),
        averaged,
        captures.map(Captures::description),
        deltas,
        tuning.deltas().size() + tuning.untouched() - changed.size(),
        deltas.stream()
            .filter(row -> ModelMatrices.WRITERS.contains(row.place().role()))
            .map(DeltaRow::usability)
            .max(Comparator.naturalOrder())
            .orElse(Usability.UNUSABLE),
        targets,
        label,
        rows,
        means,
        Rankings.of(means, !label.isEmpty()),
        unavailable,
        scope,
        descriptions.spectra(),
        notes);
  }
}
