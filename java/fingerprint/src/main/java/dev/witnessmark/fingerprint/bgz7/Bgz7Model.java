package dev.witnessmark.fingerprint.bgz7;

import dev.witnessmark.fingerprint.FingerprintModel;
import dev.witnessmark.fingerprint.FingerprintTensor;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Printable;
import dev.witnessmark.format.Refusal;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** One model in one or more index files. */
public final class Bgz7Model {

  private static final String SUFFIX = ".bgz7";

  private Bgz7Model() {}

  /**
   * Whether {@code spec} means index files: a file that begins as one, a folder of files whose
   * names end in {@code .bgz7}, or a pattern with such an end.
   */
  public static boolean isMeantBy(String spec) throws IOException {
    return isPattern(spec)
        ? spec.endsWith(SUFFIX)
        : Files.isDirectory(Path.of(spec))
            ? !files(Path.of(spec), "*" + SUFFIX).isEmpty()
            : Bgz7Index.begins(Path.of(spec));
  }

  /** Whether {@code spec} is no existing file and has a wildcard in its last part. */
  private static boolean isPattern(String spec) {
    String name = spec.substring(spec.lastIndexOf('/') + 1);
    return (name.indexOf('*') >= 0 || name.indexOf('?') >= 0) && !Files.exists(Path.of(spec));
  }

  /**
   * Opens all index files that {@code spec} means, in the order of their names, as one model. One
   * that cannot be read, and one that is missing in the numbers of the names, make the model
   * incomplete.
   *
   * @throws Refusal if there is none, or none can be read
   */
  public static FingerprintModel open(String spec, Bgz7Index.Reading reading, Limits limits)
      throws IOException {
    List<Path> files = filesOf(spec);
    if (files.isEmpty()) {
      throw new Refusal.MissingPart(spec, "index files", "there are none");
    }
    return files.size() == 1
        ? model(spec, List.of(Bgz7Index.open(files.getFirst(), reading, limits)), List.of())
        : shards(spec, files, reading, limits);
  }

  private static FingerprintModel shards(
      String spec, List<Path> files, Bgz7Index.Reading reading, Limits limits) throws IOException {
    List<Bgz7Index> indexes = new ArrayList<>();
    List<String> incomplete = new ArrayList<>(ShardNumbers.missing(files));
    IOException last = null;
    for (Path file : files) {
      try {
        indexes.add(Bgz7Index.open(file, reading, limits));
      } catch (IOException unreadable) {
        incomplete.add(String.valueOf(unreadable.getMessage()));
        last = unreadable;
      }
    }
    if (indexes.isEmpty() && last != null) {
      throw last;
    }
    return model(spec, indexes, incomplete);
  }

  private static FingerprintModel model(
      String name, List<Bgz7Index> indexes, List<String> missing) {
    List<FingerprintTensor> tensors = new ArrayList<>();
    List<String> notices = new ArrayList<>();
    List<String> incomplete = new ArrayList<>(missing);
    for (Bgz7Index index : indexes) {
      tensors.addAll(index.records());
      notices.addAll(index.notices());
      if (index.cutOff() != null) {
        incomplete.add(Printable.of(index.source().name() + " is cut off: " + index.cutOff()));
      }
    }
    return new FingerprintModel(
        name,
        tensors,
        notices,
        incomplete,
        indexes.stream().map(Bgz7Index::source).toList(),
        List.copyOf(indexes));
  }

  private static List<Path> filesOf(String spec) throws IOException {
    Path path = Path.of(spec);
    if (isPattern(spec)) {
      Path folder = path.getParent();
      return files(folder == null ? Path.of("") : folder, path.getFileName().toString());
    }
    return Files.isDirectory(path) ? files(path, "*" + SUFFIX) : List.of(path);
  }

  private static List<Path> files(Path folder, String pattern) throws IOException {
    TreeSet<Path> files = new TreeSet<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, pattern)) {
      for (Path file : found) {
        if (!file.getFileName().toString().startsWith(".")) {
          files.add(file);
        }
      }
    }
    return List.copyOf(files);
  }
}
