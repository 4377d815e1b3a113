package dev.witnessmark.compare;

import dev.witnessmark.format.InputFingerprint;
import dev.witnessmark.verdict.Journal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What lets an interrupted comparison continue: a line for every finished pair of tensors. */
final class DiffJournal implements AutoCloseable {

  private static final String SCHEMA = "wmark-diff-journal-v1";

  /** What must be equal for results to be reused. */
  record Header(
      String schema,
      String version,
      String a,
      String b,
      String metadataSha256,
      List<InputFingerprint> inputs,
      int top) {}

  /** A finished pair. */
  record Entry(int pair, TensorDifference result) {
    Entry {
      Objects.requireNonNull(result);
    }
  }

  private final Journal<Entry> lines;

  private DiffJournal(Journal<Entry> lines) {
    this.lines = lines;
  }

  static DiffJournal open(
      Path path,
      String version,
      String a,
      String b,
      String metadataSha256,
      List<InputFingerprint> inputs,
      int top)
      throws IOException {
    return new DiffJournal(
        Journal.open(
            path, new Header(SCHEMA, version, a, b, metadataSha256, inputs, top), Entry.class));
  }

  /** Results of the interrupted run, by pair. */
  Map<Integer, TensorDifference> finished() {
    Map<Integer, TensorDifference> finished = new HashMap<>();
    lines.finished().forEach(entry -> finished.put(entry.pair(), entry.result()));
    return finished;
  }

  void append(int pair, TensorDifference result) throws IOException {
    lines.append(new Entry(pair, result));
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
