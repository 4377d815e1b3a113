package dev.witnessmark.fingerprint.index;

import dev.witnessmark.compare.DiffDevice;
import dev.witnessmark.compare.match.Operand;
import dev.witnessmark.compare.matrix.KernelChoice;
import dev.witnessmark.compare.stream.Workers;
import dev.witnessmark.fingerprint.Fingerprint;
import dev.witnessmark.fingerprint.LayerType;
import dev.witnessmark.fingerprint.bgz7.Bgz7Entry;
import dev.witnessmark.fingerprint.bgz7.Bgz7Writer;
import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.InputFingerprint;
import dev.witnessmark.verdict.CouldNotCompare;
import dev.witnessmark.verdict.Journal;
import dev.witnessmark.verdict.Progress;
import dev.witnessmark.verdict.RunRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes index files of checkpoints in one pass over their tensors, each file whole or not at all.
 */
public final class IndexRun {

  /**
   * An index file to write.
   *
   * @param target where
   * @param models whose fingerprints, one after the other
   */
  public record Job(Path target, List<CheckpointFingerprints> models) {
    public Job {
      models = List.copyOf(models);
    }

    private List<CheckpointTensor> tensors() {
      return models.stream().flatMap(model -> model.tensors().stream()).toList();
    }
  }

  private final List<Job> jobs;
  private final IndexOptions options;
  private final Progress progress;
  private final RowProjection projection;

  private IndexRun(
      List<Job> jobs, RowProjection projection, IndexOptions options, Progress progress) {
    this.jobs = jobs;
    this.projection = projection;
    this.options = options;
    this.progress = progress;
  }

  /**
   * Writes the index files of {@code jobs}, which were all opened with the same options.
   *
   * @throws CouldNotCompare if two models of a file have a tensor of the same name
   * @throws IOException if a tensor cannot be read or a file cannot be written; files of jobs that
   *     came before are there
   */
  public static IndexResult write(List<Job> jobs, IndexOptions options, Progress progress)
      throws IOException {
    KernelChoice kernels =
        KernelChoice.forValues(
            jobs.stream()
                .flatMap(job -> job.tensors().stream())
                .mapToLong(tensor -> tensor.rows() * tensor.columns())
                .sum());
    DiffDevice<?> device = options.device();
    return write(
        jobs,
        device == null ? RowProjection.onHost(kernels) : RowProjection.on(device.queues(), kernels),
        options,
        progress);
  }

  /** As above, by {@code projection}. */
  static IndexResult write(
      List<Job> jobs, RowProjection projection, IndexOptions options, Progress progress)
      throws IOException {
    for (Job job : jobs) {
      requireUniqueNames(job);
    }
    return new IndexRun(List.copyOf(jobs), projection, options, progress).run();
  }

  private static void requireUniqueNames(Job job) throws CouldNotCompare {
    Map<String, String> owners = new HashMap<>();
    for (CheckpointFingerprints model : job.models()) {
      for (CheckpointTensor tensor : model.tensors()) {
        String other = owners.put(tensor.name(), model.operand().name());
        if (other != null) {
          throw new CouldNotCompare(
              "%s: %s and %s both hold %s; give every model an index of its own"
                  .formatted(job.target(), other, model.operand().name(), tensor.name()));
        }
      }
    }
  }

  private IndexResult run() throws IOException {
    List<InputFingerprint> inputs = new ArrayList<>();
    for (ByteSource file :
        checkpoints().flatMap(checkpoint -> checkpoint.files().stream()).toList()) {
      inputs.add(InputFingerprint.of(file));
    }
    CheckpointFingerprints.Options indexed = jobs.getFirst().models().getFirst().options();
    List<IndexResult.Output> outputs = new ArrayList<>();
    try (Journal<IndexJournal.Entry> journal = journal(indexed, inputs)) {
      progress.begin(
          "indexing",
          jobs.stream()
              .flatMap(job -> job.tensors().stream())
              .mapToLong(tensor -> tensor.storedBytes(tensor.rows()))
              .sum());
      for (int number = 0; number < jobs.size(); number++) {
        outputs.add(write(number, journal));
      }
    }
    return new IndexResult(outputs, indexed.stride(), runRecord(inputs));
  }

  private @Nullable Journal<IndexJournal.Entry> journal(
      CheckpointFingerprints.Options indexed, List<InputFingerprint> inputs) throws IOException {
    Path path = options.journal();
    return path == null
        ? null
        : Journal.open(
            path,
            new IndexJournal.Header(
                options.version(),
                jobs.stream().map(job -> job.target().toString()).toList(),
                operands().map(Operand::name).toList(),
                InputFingerprint.ofMetadata(checkpoints()),
                inputs,
                indexed),
            IndexJournal.Entry.class);
  }

  private Stream<Operand> operands() {
    return jobs.stream().flatMap(job -> job.models().stream()).map(CheckpointFingerprints::operand);
  }

  private Stream<Checkpoint> checkpoints() {
    return operands().flatMap(Operand::checkpoints);
  }

  private IndexResult.Output write(int number, @Nullable Journal<IndexJournal.Entry> journal)
      throws IOException {
    Job job = jobs.get(number);
    List<CheckpointTensor> tensors = job.tensors();
    List<Bgz7Entry> entries = tensors.stream().map(Bgz7Entry::of).toList();
    try (Bgz7Writer writer =
        journal == null
            ? Bgz7Writer.create(job.target(), entries)
            : Bgz7Writer.resume(job.target(), entries)) {
      BitSet kept = new BitSet();
      if (journal != null) {
        for (IndexJournal.Entry entry : journal.finished()) {
          if (entry.output() == number && writer.keep(entry.tensor(), entry.sha256())) {
            kept.set(entry.tensor());
          }
        }
      }
      kept.stream()
          .mapToObj(tensors::get)
          .forEach(tensor -> progress.advance(tensor.storedBytes(tensor.rows())));
      List<Integer> open =
          IntStream.range(0, tensors.size()).filter(i -> !kept.get(i)).boxed().toList();
      write(number, tensors, open, writer, journal);
      writer.commit();
    }
    Map<LayerType, LayerStatistics> byType = new EnumMap<>(LayerType.class);
    for (LayerType type : LayerType.values()) {
      byType.put(type, LayerStatistics.of(type, tensors));
    }
    return new IndexResult.Output(
        job.target(),
        Files.size(job.target()),
        job.models().stream().map(IndexRun::describe).toList(),
        byType);
  }

  private static IndexResult.Model describe(CheckpointFingerprints model) {
    return new IndexResult.Model(
        model.operand().name(),
        model.operand().checkpoint().format().label(),
        model.tensors().size(),
        model.skipped(),
        model.unsupported(),
        model.notices());
  }

  private void write(
      int output,
      List<CheckpointTensor> tensors,
      List<Integer> open,
      Bgz7Writer writer,
      @Nullable Journal<IndexJournal.Entry> journal)
      throws IOException {
    RowUnits units = new RowUnits(tensors, open);
    AtomicLongArray missing =
        new AtomicLongArray(tensors.stream().mapToLong(CheckpointTensor::rows).toArray());
    Workers.run(
        options.threads(),
        Collections.nCopies(
            options.threads(),
            () -> {
              try (RowProjector projector = projection.projector()) {
                short[] fingerprints = new short[RowUnits.MOST_ROWS * Fingerprint.DIMENSIONS];
                for (RowUnits.Unit unit = units.take(); unit != null; unit = units.take()) {
                  CheckpointTensor tensor = tensors.get(unit.tensor());
                  tensor.read(projector, unit.first(), unit.count(), fingerprints);
                  writer.write(unit.tensor(), unit.first(), unit.count(), fingerprints);
                  progress.advance(tensor.storedBytes(unit.count()));
                  boolean finished = missing.addAndGet(unit.tensor(), -unit.count()) == 0;
                  if (finished && journal != null) {
                    append(journal, output, unit.tensor(), writer);
                  }
                }
                return this;
              } finally {
                // Nothing is left, or it failed: then the others stop as well.
                units.stop();
              }
            }));
  }

  private static void append(
      Journal<IndexJournal.Entry> journal, int output, int tensor, Bgz7Writer writer)
      throws IOException {
    String sha256 = writer.sha256(tensor);
    synchronized (journal) {
      journal.append(new IndexJournal.Entry(output, tensor, sha256));
    }
  }

  private RunRecord runRecord(List<InputFingerprint> inputs) {
    List<CheckpointTensor> tensors = jobs.stream().flatMap(job -> job.tensors().stream()).toList();
    DiffDevice<?> device = options.device();
    return new RunRecord(
        options.version(),
        options.arguments(),
        device == null ? "cpu" : device.id(),
        projection.implementation(),
        projection.reason(tensors),
        options.threads(),
        options.maxMemory(),
        Runtime.version().toString(),
        inputs);
  }
}
