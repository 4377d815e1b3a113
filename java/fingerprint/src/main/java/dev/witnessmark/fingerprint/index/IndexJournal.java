package dev.witnessmark.fingerprint.index;

import dev.witnessmark.format.InputFingerprint;
import dev.witnessmark.verdict.Journal;
import java.util.List;
import java.util.Objects;

/** The lines of the {@link Journal} that lets interrupted indexing continue. */
final class IndexJournal {

  private static final String SCHEMA = "wmark-index-journal-v1";

  private IndexJournal() {}

  /** What must be equal for fingerprints to be kept. */
  record Header(
      String schema,
      String version,
      List<String> outputs,
      List<String> models,
      String metadataSha256,
      List<InputFingerprint> inputs,
      int stride,
      boolean skipUnsupported) {

    Header(
        String version,
        List<String> outputs,
        List<String> models,
        String metadataSha256,
        List<InputFingerprint> inputs,
        CheckpointFingerprints.Options options) {
      this(
          SCHEMA,
          version,
          outputs,
          models,
          metadataSha256,
          inputs,
          options.stride(),
          options.skipUnsupported());
    }
  }

  /**
   * A tensor all of whose fingerprints are written.
   *
   * @param output number of the index file
   * @param tensor number of the record
   * @param sha256 hash of the bytes of the fingerprints
   */
  record Entry(int output, int tensor, String sha256) {
    Entry {
      Objects.requireNonNull(sha256);
    }
  }
}
