package dev.witnessmark.fingerprint;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.OpenFiles;
import java.io.IOException;
import java.util.List;

/**
 * The fingerprints of one model, from one index, several shards of one, or a checkpoint.
 *
 * @param name the model as the user named it
 * @param tensors in file order, shards in their order
 * @param notices what was accepted but should be seen: records that are missing or repeated, bytes
 *     left over
 * @param incomplete why tensors may be missing: files that could not be read, records cut off;
 *     empty where everything is there
 * @param files the files that are read
 * @param open what has to be closed
 */
public record FingerprintModel(
    String name,
    List<FingerprintTensor> tensors,
    List<String> notices,
    List<String> incomplete,
    List<ByteSource> files,
    List<AutoCloseable> open)
    implements AutoCloseable {

  public FingerprintModel {
    tensors = List.copyOf(tensors);
    notices = List.copyOf(notices);
    incomplete = List.copyOf(incomplete);
    files = List.copyOf(files);
    open = List.copyOf(open);
  }

  /** Closes every file, and then reports the first failure. */
  @Override
  public void close() throws IOException {
    OpenFiles.closeAll(open);
  }
}
