package dev.witnessmark.compare;

import dev.witnessmark.compare.diagnose.UpdateCheck;
import dev.witnessmark.compare.match.Incompatible;
import dev.witnessmark.compare.match.Matcher;
import dev.witnessmark.compare.match.Operand;
import dev.witnessmark.compare.match.Pairing;
import dev.witnessmark.compare.match.TensorPair;
import dev.witnessmark.compare.matrix.KernelChoice;
import dev.witnessmark.compare.matrix.LowRank;
import dev.witnessmark.compare.matrix.Matrix;
import dev.witnessmark.compare.matrix.StoredMatrix;
import dev.witnessmark.compare.stream.PairJudge;
import dev.witnessmark.compare.stream.Reduction;
import dev.witnessmark.compare.stream.StreamingComparison;
import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.InputFingerprint;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.format.peft.PeftAdapter;
import dev.witnessmark.format.peft.PeftReader;
import dev.witnessmark.model.IdentifiedTensor;
import dev.witnessmark.model.ModelDescription;
import dev.witnessmark.model.RowLayout;
import dev.witnessmark.verdict.Progress;
import dev.witnessmark.verdict.RunRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The whole of {@code wmark diff}: match, stream, judge, diagnose, answer. */
public final class CheckpointDiff {

  private final Operand a;
  private final Operand b;
  private final DiffOptions options;
  private final Limits limits;
  private final Progress progress;
  private final Reduction reduction;
  private final Diagnosis diagnosis;

  /** The numbers of the last tensor in which nothing differs. */
  private @Nullable ValueDifference lastEqual;

  private final List<Skipped> skipped = new ArrayList<>();

  private CheckpointDiff(
      Operand a, Operand b, DiffOptions options, Limits limits, Progress progress) {
    this.a = a;
    this.b = b;
    this.options = options;
    this.limits = limits;
    this.progress = progress;
    KernelChoice kernels =
        KernelChoice.forValues(Math.max(a.model().parameters(), b.model().parameters()));
    DiffDevice<?> device = options.device();
    this.reduction = device == null ? Reduction.onHost(kernels) : device.reduction(kernels);
    this.diagnosis = new Diagnosis(a, b, reduction, options.threads(), progress);
  }

  /**
   * Compares {@code a} with {@code b}.
   *
   * @throws IOException if the journal or the expected adapter cannot be read; tensors that cannot
   *     be read are listed as skipped instead
   */
  public static DiffResult run(
      Operand a, Operand b, DiffOptions options, Limits limits, Progress progress)
      throws IOException {
    return new CheckpointDiff(a, b, options, limits, progress).run();
  }

  private DiffResult run() throws IOException {
    List<InputFingerprint> inputs = inputs();
    Pairing pairing = Matcher.match(a, b);
    NamePattern wanted = new NamePattern(options.tensors());
    List<Integer> selected =
        IntStream.range(0, pairing.pairs().size())
            .filter(i -> wanted(wanted, pairing.pairs().get(i)))
            .boxed()
            .toList();

    @Nullable TensorDifference[] compared = compare(pairing.pairs(), selected, inputs);
    diagnoseMoved(pairing.pairs(), compared);

    List<TensorDifference> tensors = new ArrayList<>(compared.length);
    Stream.of(compared).filter(Objects::nonNull).forEach(tensors::add);
    List<Incompatible> incompatible =
        pairing.incompatible().stream()
            .filter(p -> wanted.matches(p.a().view().name()) || wanted.matches(p.b().view().name()))
            .toList();
    List<IdentifiedTensor> onlyInA = wanted(wanted, pairing.onlyInA());
    List<IdentifiedTensor> onlyInB = wanted(wanted, pairing.onlyInB());
    Diagnosis.Remarks remarks =
        diagnosis.ofUnmatched(
            with(onlyInA, incompatible.stream().map(Incompatible::a)),
            with(onlyInB, incompatible.stream().map(Incompatible::b)));
    tensors.addAll(incompatible(incompatible, remarks));
    onlyInA.forEach(t -> tensors.add(only(t, TensorStatus.ONLY_IN_A, remarks.ofA())));
    onlyInB.forEach(t -> tensors.add(only(t, TensorStatus.ONLY_IN_B, remarks.ofB())));

    long excluded =
        (long) pairing.pairs().size()
            - selected.size()
            + pairing.incompatible().size()
            - incompatible.size()
            + pairing.onlyInA().size()
            - onlyInA.size()
            + pairing.onlyInB().size()
            - onlyInB.size();
    Path expect = options.expect();
    Expectation expectation = expect == null ? null : expectation(expect, pairing, wanted);
    return new DiffResult(
        describe(a),
        describe(b),
        tensors,
        skipped,
        excluded,
        expectation,
        DiffVerdict.of(tensors, skipped, expectation),
        runRecord(selected.stream().map(pairing.pairs()::get).toList(), inputs));
  }

  private boolean wanted(NamePattern wanted, TensorPair pair) {
    if (options.tensors().isEmpty()) {
      return true;
    }
    return Stream.of(pair.a(), pair.b())
        .anyMatch(side -> wanted.matches(side.name()) || wanted.matches(side.storedName()));
  }

  private static List<IdentifiedTensor> wanted(NamePattern wanted, List<IdentifiedTensor> tensors) {
    return tensors.stream().filter(t -> wanted.matches(t.view().name())).toList();
  }

  private static List<IdentifiedTensor> with(
      List<IdentifiedTensor> unpaired, Stream<IdentifiedTensor> incompatible) {
    return Stream.concat(unpaired.stream(), incompatible).toList();
  }

  /** Results by number of the pair; unreadable tensors go to {@link #skipped} and are null here. */
  private @Nullable TensorDifference[] compare(
      List<TensorPair> pairs, List<Integer> selected, List<InputFingerprint> inputs)
      throws IOException {
    @Nullable TensorDifference[] results = new TensorDifference[pairs.size()];
    Map<Integer, Skipped> unreadable = new TreeMap<>();
    try (DiffJournal journal =
        options.journal() == null
            ? null
            : DiffJournal.open(
                options.journal(),
                options.version(),
                a.name(),
                b.name(),
                InputFingerprint.ofMetadata(checkpoints()),
                inputs,
                options.top())) {
      if (journal != null) {
        Set<Integer> wantedPairs = Set.copyOf(selected);
        journal
            .finished()
            .forEach((pair, result) -> {
              if (wantedPairs.contains(pair)) {
                results[pair] = result;
              }
            });
      }
      List<Integer> open = selected.stream().filter(i -> results[i] == null).toList();
      long total = open.stream().mapToLong(i -> StreamingComparison.bytes(pairs.get(i))).sum();
      progress.begin("comparing", total);
      StreamingComparison.run(
          pairs,
          open,
          reduction,
          options.threads(),
          options.top(),
          progress,
          new StreamingComparison.Results() {
            @Override
            public void judged(int number, TensorPair pair, PairJudge judged) throws IOException {
              TensorDifference difference = difference(pair, judged);
              results[number] = difference;
              if (journal != null) {
                journal.append(number, difference);
              }
            }

            @Override
            public void failed(int number, TensorPair pair, String reason) {
              unreadable.put(number, new Skipped(pair.a().name(), reason));
            }
          });
    }
    skipped.addAll(unreadable.values());
    return results;
  }

  private TensorDifference difference(TensorPair pair, PairJudge judged) {
    Side left = side(pair.a());
    Side right = side(pair.b());
    return new TensorDifference(
        left,
        left.equals(right) ? left : right,
        pair.identity(),
        pair.guessed(),
        judged.status(),
        judged.basis(),
        pair.views(),
        shared(judged.difference()),
        null);
  }

  /** Of equal tensors all numbers are equal too, and one object for them is enough. */
  private ValueDifference shared(ValueDifference difference) {
    ValueDifference last = lastEqual;
    if (last != null && last.equals(difference)) {
      return last;
    }
    if (difference.equal() == difference.values()) {
      lastEqual = difference;
    }
    return difference;
  }

  private static Side side(Matrix matrix) {
    if (matrix instanceof StoredMatrix stored) {
      return Side.of(matrix.name(), matrix.type(), stored.view().shape());
    }
    return new Side(matrix.name(), matrix.type(), List.of(matrix.rows(), matrix.columns()));
  }

  private static TensorDifference only(
      IdentifiedTensor tensor, TensorStatus status, Map<String, String> remarks) {
    TensorView view = tensor.view();
    Side side = Side.of(view.name(), view.type(), view.shape());
    boolean inA = status == TensorStatus.ONLY_IN_A;
    return new TensorDifference(
        inA ? side : null,
        inA ? null : side,
        tensor.identity(),
        tensor.guessed(),
        status,
        "no tensor of " + (inA ? "B" : "A") + " has this name or identity",
        List.of(),
        null,
        remarks.get(view.name()));
  }

  private void diagnoseMoved(List<TensorPair> pairs, @Nullable TensorDifference[] results)
      throws IOException {
    List<Integer> moved = new ArrayList<>();
    List<Diagnosis.Suspects> suspects = new ArrayList<>();
    for (int i = 0; i < results.length; i++) {
      TensorPair pair = pairs.get(i);
      TensorDifference result = results[i];
      if (result != null && result.status() == TensorStatus.MOVED && pair.rank() >= 2) {
        moved.add(i);
        suspects.add(new Diagnosis.Suspects(pair.a(), pair.b(), pair.identity()));
      }
    }
    List<Optional<String>> views = diagnosis.ofPairs(suspects);
    for (int i = 0; i < moved.size(); i++) {
      TensorDifference result = results[moved.get(i)];
      if (result != null && views.get(i).isPresent()) {
        results[moved.get(i)] =
            new TensorDifference(
                result.a(),
                result.b(),
                result.identity(),
                result.guessed(),
                result.status(),
                result.basis(),
                result.views(),
                result.difference(),
                views.get(i).get());
      }
    }
  }

  private List<TensorDifference> incompatible(List<Incompatible> pairs, Diagnosis.Remarks remarks)
      throws IOException {
    Iterator<Optional<String>> views =
        diagnosis
            .ofPairs(
                pairs.stream()
                    .filter(CheckpointDiff::areMatrices)
                    .map(pair ->
                        new Diagnosis.Suspects(
                            StoredMatrix.of(pair.a().view()),
                            StoredMatrix.of(pair.b().view()),
                            pair.identity()))
                    .toList())
            .iterator();
    List<TensorDifference> tensors = new ArrayList<>();
    for (Incompatible pair : pairs) {
      String view = areMatrices(pair) ? views.next().orElse(null) : null;
      tensors.add(incompatible(pair, view, remarks));
    }
    return tensors;
  }

  private static boolean areMatrices(Incompatible pair) {
    return pair.a().view().shape().rank() == 2 && pair.b().view().shape().rank() == 2;
  }

  private static TensorDifference incompatible(
      Incompatible pair, @Nullable String found, Diagnosis.Remarks remarks) {
    TensorView viewA = pair.a().view();
    TensorView viewB = pair.b().view();
    String view = found;
    if (view == null) {
      String remark = remarks.ofA().get(viewA.name());
      view = remark == null ? remarks.ofB().get(viewB.name()) : remark;
    }
    return new TensorDifference(
        Side.of(viewA.name(), viewA.type(), viewA.shape()),
        Side.of(viewB.name(), viewB.type(), viewB.shape()),
        pair.identity(),
        pair.a().guessed(),
        TensorStatus.INCOMPATIBLE,
        "shape %s against %s".formatted(viewA.shape(), viewB.shape()),
        List.of(),
        null,
        view);
  }

  private Expectation expectation(Path expect, Pairing pairing, NamePattern wanted)
      throws IOException {
    try (PeftAdapter adapter = PeftReader.read(expect, limits)) {
      Map<String, LowRank> updates = Operand.fit(a.model(), adapter);
      if (!adapter.replacements().isEmpty()) {
        skipped.add(
            new Skipped(
                expect.toString(),
                "it replaces %d tensors whole, which an expected update does not cover; compare %s+%s"
                        .formatted(adapter.replacements().size(), a.name(), expect)
                    + " with B instead"));
      }
      Map<String, RowLayout> layouts = new HashMap<>();
      a.model().tensors().forEach(t -> layouts.put(t.view().name(), t.layout()));
      Set<String> missing =
          new TreeSet<>(updates.keySet().stream().filter(wanted::matches).toList());
      List<Expectation.ExpectedTensor> tensors = new ArrayList<>();
      progress.begin("checking the expected update", updates.size());
      for (TensorPair pair : pairing.pairs()) {
        String name = pair.a().name();
        LowRank update = updates.get(name);
        if (update == null || !wanted(wanted, pair)) {
          continue;
        }
        missing.remove(name);
        try {
          RowLayout layout = layouts.getOrDefault(name, RowLayout.PLAIN);
          tensors.add(UpdateCheck.of(Matcher.canonical(pair, layout), update));
        } catch (IOException unreadable) {
          skipped.add(new Skipped(name, String.valueOf(unreadable.getMessage())));
        }
        progress.advance(1);
      }
      if (!missing.isEmpty()) {
        skipped.add(
            new Skipped(
                expect.toString(),
                missing.size() + " tensors of the adapter have no comparable pair"));
      }
      return new Expectation(expect.toString(), tensors);
    }
  }

  /** Both sides' checkpoints, each followed by its adapter's. */
  private Stream<Checkpoint> checkpoints() {
    return Stream.of(a, b).flatMap(Operand::checkpoints);
  }

  private List<InputFingerprint> inputs() throws IOException {
    List<ByteSource> files =
        checkpoints().flatMap(checkpoint -> checkpoint.files().stream()).toList();
    List<InputFingerprint> inputs = new ArrayList<>();
    for (ByteSource file : files) {
      try {
        inputs.add(InputFingerprint.of(file));
      } catch (IOException unreadable) {
        // Its readable tensors can still be compared, but no journal could tell it from another.
        if (options.journal() != null) {
          throw unreadable;
        }
        inputs.add(
            new InputFingerprint(file.name(), file.size(), "", "nothing: it cannot be read whole"));
      }
    }
    return inputs;
  }

  private RunRecord runRecord(List<TensorPair> pairs, List<InputFingerprint> inputs) {
    DiffDevice<?> device = options.device();
    return new RunRecord(
        options.version(),
        options.arguments(),
        device == null ? "cpu" : device.id(),
        reduction.implementation(),
        reduction.reason(pairs),
        options.threads(),
        options.maxMemory(),
        Runtime.version().toString(),
        inputs);
  }

  private static DiffResult.Compared describe(Operand side) {
    ModelDescription model = side.model();
    Map<String, Long> values = new TreeMap<>();
    for (IdentifiedTensor tensor : model.tensors()) {
      TensorView view = tensor.view();
      values.merge(view.type().name(), view.shape().elements(), Long::sum);
    }
    List<String> types =
        values.entrySet().stream()
            .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
            .map(Map.Entry::getKey)
            .toList();
    return new DiffResult.Compared(
        side.name(),
        side.checkpoint().format().label(),
        model.architecture(),
        model.blocks(),
        model.tensors().size(),
        model.parameters(),
        types);
  }
}
