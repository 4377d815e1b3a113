package dev.witnessmark.compare;

import dev.witnessmark.compare.diagnose.UpdateCheck;
import dev.witnessmark.compare.diagnose.ViewDiagnosis;
import dev.witnessmark.compare.match.Incompatible;
import dev.witnessmark.compare.match.Matcher;
import dev.witnessmark.compare.match.Operand;
import dev.witnessmark.compare.match.Pairing;
import dev.witnessmark.compare.match.TensorPair;
import dev.witnessmark.compare.match.Unpaired;
import dev.witnessmark.compare.matrix.KernelChoice;
import dev.witnessmark.compare.matrix.LowRank;
import dev.witnessmark.compare.matrix.Matrix;
import dev.witnessmark.compare.matrix.StoredMatrix;
import dev.witnessmark.compare.stream.PairJudge;
import dev.witnessmark.compare.stream.StreamingComparison;
import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.format.peft.PeftAdapter;
import dev.witnessmark.format.peft.PeftReader;
import dev.witnessmark.model.IdentifiedTensor;
import dev.witnessmark.model.ModelDescription;
import dev.witnessmark.model.RowLayout;
import dev.witnessmark.model.TensorIdentity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
  private final KernelChoice kernels;
  private final List<Skipped> skipped = new ArrayList<>();

  private CheckpointDiff(
      Operand a, Operand b, DiffOptions options, Limits limits, Progress progress) {
    this.a = a;
    this.b = b;
    this.options = options;
    this.limits = limits;
    this.progress = progress;
    this.kernels = KernelChoice.forValues(Math.max(a.model().parameters(), b.model().parameters()));
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
    List<RunRecord.Input> inputs = inputs();
    Pairing pairing = Matcher.match(a, b);
    NamePattern wanted = new NamePattern(options.tensors());
    List<Integer> selected =
        IntStream.range(0, pairing.pairs().size())
            .filter(i -> wanted(wanted, pairing.pairs().get(i)))
            .boxed()
            .toList();

    Map<Integer, TensorDifference> compared = compare(pairing.pairs(), selected, inputs);
    diagnoseMoved(pairing.pairs(), compared);

    List<TensorDifference> tensors = new ArrayList<>(compared.values());
    List<Incompatible> incompatible =
        pairing.incompatible().stream()
            .filter(p -> wanted.matches(p.a().view().name()) || wanted.matches(p.b().view().name()))
            .toList();
    for (Incompatible pair : incompatible) {
      tensors.add(incompatible(pair));
    }
    List<Unpaired> onlyInA = wanted(wanted, pairing.onlyInA());
    List<Unpaired> onlyInB = wanted(wanted, pairing.onlyInB());
    onlyInA.forEach(t -> tensors.add(only(t, TensorStatus.ONLY_IN_A)));
    onlyInB.forEach(t -> tensors.add(only(t, TensorStatus.ONLY_IN_B)));

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
        runRecord(inputs));
  }

  private static boolean wanted(NamePattern wanted, TensorPair pair) {
    return Stream.of(pair.a(), pair.b())
        .anyMatch(side -> wanted.matches(side.name()) || wanted.matches(side.storedName()));
  }

  private static List<Unpaired> wanted(NamePattern wanted, List<Unpaired> tensors) {
    return tensors.stream().filter(t -> wanted.matches(t.name())).toList();
  }

  /** Results by number of the pair; unreadable tensors go to {@link #skipped}. */
  private Map<Integer, TensorDifference> compare(
      List<TensorPair> pairs, List<Integer> selected, List<RunRecord.Input> inputs)
      throws IOException {
    Map<Integer, TensorDifference> results = new TreeMap<>();
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
      Set<Integer> wantedPairs = Set.copyOf(selected);
      if (journal != null) {
        journal
            .finished()
            .forEach((pair, result) -> {
              if (wantedPairs.contains(pair)) {
                results.put(pair, result);
              }
            });
      }
      List<Integer> open = selected.stream().filter(i -> !results.containsKey(i)).toList();
      long total = open.stream().mapToLong(i -> StreamingComparison.bytes(pairs.get(i))).sum();
      progress.begin("comparing", total);
      StreamingComparison.run(
          pairs,
          open,
          kernels,
          options.threads(),
          options.top(),
          progress,
          new StreamingComparison.Results() {
            @Override
            public void judged(int number, TensorPair pair, PairJudge judged) throws IOException {
              TensorDifference difference = difference(pair, judged);
              results.put(number, difference);
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

  private static TensorDifference difference(TensorPair pair, PairJudge judged) {
    return new TensorDifference(
        side(pair.a()),
        side(pair.b()),
        pair.identity(),
        pair.guessed(),
        judged.status(),
        judged.basis(),
        pair.views(),
        judged.difference(),
        null);
  }

  private static Side side(Matrix matrix) {
    if (matrix instanceof StoredMatrix stored) {
      return Side.of(matrix.name(), matrix.type(), stored.view().shape());
    }
    return new Side(matrix.name(), matrix.type(), List.of(matrix.rows(), matrix.columns()));
  }

  private static TensorDifference only(Unpaired tensor, TensorStatus status) {
    Side side = Side.of(tensor.name(), tensor.type(), tensor.shape());
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
        null);
  }

  private void diagnoseMoved(List<TensorPair> pairs, Map<Integer, TensorDifference> results)
      throws IOException {
    for (Map.Entry<Integer, TensorDifference> entry : results.entrySet()) {
      TensorPair pair = pairs.get(entry.getKey());
      TensorDifference result = entry.getValue();
      if (result.status() == TensorStatus.MOVED && pair.rank() >= 2) {
        String diagnosis = diagnosis(pair.a(), pair.b(), pair.identity());
        if (diagnosis != null) {
          entry.setValue(
              new TensorDifference(
                  result.a(),
                  result.b(),
                  result.identity(),
                  result.guessed(),
                  result.status(),
                  result.basis(),
                  result.views(),
                  result.difference(),
                  diagnosis));
        }
      }
    }
  }

  private TensorDifference incompatible(Incompatible pair) throws IOException {
    TensorView viewA = pair.a().view();
    TensorView viewB = pair.b().view();
    String diagnosis = null;
    if (viewA.shape().rank() == 2 && viewB.shape().rank() == 2) {
      diagnosis = diagnosis(StoredMatrix.of(viewA), StoredMatrix.of(viewB), pair.identity());
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
        diagnosis);
  }

  /** The view of b under which the whole tensor agrees with a, in words; null if there is none. */
  private @Nullable String diagnosis(Matrix left, Matrix right, TensorIdentity identity)
      throws IOException {
    int[] heads =
        IntStream.concat(
                Arrays.stream(ModelDescription.declaredHeads(a.checkpoint())),
                Arrays.stream(ModelDescription.declaredHeads(b.checkpoint())))
            .toArray();
    List<ViewDiagnosis.Candidate> candidates;
    try {
      candidates = ViewDiagnosis.candidates(left, right, heads);
    } catch (IOException unreadable) {
      return null;
    }
    for (ViewDiagnosis.Candidate candidate : candidates) {
      TensorPair under = new TensorPair(left, candidate.b(), identity, true, List.of(), 2);
      List<PairJudge> judged = new ArrayList<>();
      progress.begin("trying other views", StreamingComparison.bytes(under));
      StreamingComparison.run(
          List.of(under),
          List.of(0),
          kernels,
          options.threads(),
          1,
          progress,
          new StreamingComparison.Results() {
            @Override
            public void judged(int number, TensorPair pair, PairJudge found) {
              judged.add(found);
            }

            @Override
            public void failed(int number, TensorPair pair, String reason) {
              // Then this view explains nothing.
            }
          });
      if (!judged.isEmpty() && judged.getFirst().status().agrees()) {
        return "B " + candidate.name() + " is " + judged.getFirst().status().label();
      }
    }
    return null;
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

  private List<RunRecord.Input> inputs() throws IOException {
    List<ByteSource> files =
        checkpoints().flatMap(checkpoint -> checkpoint.files().stream()).toList();
    List<RunRecord.Input> inputs = new ArrayList<>();
    for (ByteSource file : files) {
      try {
        inputs.add(InputFingerprint.of(file));
      } catch (IOException unreadable) {
        // Its readable tensors can still be compared, but no journal could tell it from another.
        if (options.journal() != null) {
          throw unreadable;
        }
        inputs.add(
            new RunRecord.Input(file.name(), file.size(), "", "nothing: it cannot be read whole"));
      }
    }
    return inputs;
  }

  private RunRecord runRecord(List<RunRecord.Input> inputs) {
    return new RunRecord(
        options.version(),
        options.arguments(),
        "cpu",
        kernels.difference().implementation(),
        kernels.reason(),
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
