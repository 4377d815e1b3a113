package dev.witnessmark.capture;

import dev.witnessmark.capture.Manifest.HashedFile;
import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.FileByteSource;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.Sha256;
import dev.witnessmark.verdict.CouldNotCompare;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * The folder that a capture will be in. Its files grow in a folder of their own inside, are moved
 * to their places together, and the manifest comes last: whoever stops this earlier leaves no
 * capture. Of an earlier capture the files that its manifest lists are removed, and nothing else
 * ever is.
 */
final class CaptureFolder implements AutoCloseable {

  private static final String PART_PREFIX = ".wmark-";
  private static final String PART_SUFFIX = ".part";
  private static final int SEALED_TOGETHER = 16;

  private final Path folder;
  private final boolean made;
  private final Path part;
  private final Optional<Manifest> earlier;

  private CaptureFolder(Path folder, boolean made, Path part, Optional<Manifest> earlier) {
    this.folder = folder;
    this.made = made;
    this.part = part;
    this.earlier = earlier;
  }

  /**
   * Makes room for a capture in {@code folder}.
   *
   * @throws CouldNotCompare if the folder holds anything but a capture, or a file that the plan
   *     needs is another's
   */
  static CaptureFolder prepare(Path folder, TracePlan plan) throws IOException {
    if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS) && !Files.isDirectory(folder)) {
      throw new CouldNotCompare(folder + ": is no folder; a capture needs one");
    }
    boolean made = !Files.exists(folder);
    Files.createDirectories(folder);
    Optional<Manifest> earlier = made ? Optional.empty() : earlier(folder);
    Set<String> replaced = new HashSet<>();
    earlier.ifPresent(manifest -> files(manifest).forEach(file -> replaced.add(file.name())));
    List<String> needed = new ArrayList<>();
    plan.keys().forEach(key -> needed.add(Manifest.fileName(key)));
    needed.add(Manifest.EXACT);
    for (String name : needed) {
      Path target = folder.resolve(name);
      if (Files.exists(target, LinkOption.NOFOLLOW_LINKS) && !replaced.contains(name)) {
        throw new CouldNotCompare(
            target + ": is not of the capture that is there; name a new folder, or remove it");
      }
    }
    needed.addAll(replaced);
    requireNoLinks(folder, needed);
    Path part = folder.resolve(PART_PREFIX + ProcessHandle.current().pid() + PART_SUFFIX);
    Files.createDirectories(part);
    part.toFile().deleteOnExit();
    return new CaptureFolder(folder, made, part, earlier);
  }

  /** The capture that is there; empty if nothing is. */
  private static Optional<Manifest> earlier(Path folder) throws IOException {
    Set<String> names = new TreeSet<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        // What a run that was killed has left; it cannot be told from one that still goes on.
        if (!(name.startsWith(PART_PREFIX) && name.endsWith(PART_SUFFIX))) {
          names.add(name);
        }
      }
    }
    if (names.isEmpty()) {
      return Optional.empty();
    }
    if (!names.contains(Manifest.FILE)) {
      throw new CouldNotCompare(
          "%s: the folder holds %s and no capture; name a new folder, or empty it"
              .formatted(folder, names.iterator().next()));
    }
    try (ByteSource file = FileByteSource.open(folder.resolve(Manifest.FILE))) {
      return Optional.of(ManifestReader.read(file, Limits.DEFAULT));
    } catch (Refusal noCapture) {
      throw new CouldNotCompare(
          "%s: the folder is not empty and its manifest is not that of a capture; name a new"
                  .formatted(folder)
              + " folder, or empty it: "
              + noCapture.getMessage());
    }
  }

  /** What is written and removed in the folders of layers must be in this folder. */
  private static void requireNoLinks(Path folder, Collection<String> names) throws CouldNotCompare {
    for (String name : names) {
      int slash = name.indexOf('/');
      Path layer = folder.resolve(name.substring(0, Math.max(0, slash)));
      if (slash > 0 && Files.isSymbolicLink(layer)) {
        throw new CouldNotCompare(layer + ": is a symbolic link; name a new folder");
      }
    }
  }

  /** Makes room where the file {@code name} grows. */
  Path grow(String name) throws IOException {
    Path path = part(name);
    Path parent = path.resolveSibling("");
    Files.createDirectories(parent);
    parent.toFile().deleteOnExit();
    return path;
  }

  /** Where the file {@code name} grows. */
  Path part(String name) {
    return part.resolve(name);
  }

  /**
   * Brings files that have grown here to the disk.
   *
   * @return their sizes and hashes, in the order of {@code names}
   */
  List<HashedFile> seal(List<String> names) throws IOException {
    // A disk brings many files to safety together in the time of a few.
    try (ExecutorService threads = Executors.newFixedThreadPool(SEALED_TOGETHER)) {
      List<Future<HashedFile>> running = new ArrayList<>();
      for (String name : names) {
        running.add(threads.submit(() -> seal(name)));
      }
      List<HashedFile> sealed = new ArrayList<>();
      for (Future<HashedFile> file : running) {
        sealed.add(file.get());
      }
      return sealed;
    } catch (ExecutionException failure) {
      if (failure.getCause() instanceof IOException unwritable) {
        throw unwritable;
      }
      throw new IllegalStateException(failure.getCause());
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while writing " + folder);
    }
  }

  private HashedFile seal(String name) throws IOException {
    try (FileChannel channel = FileChannel.open(part(name), StandardOpenOption.WRITE);
        ByteSource file = FileByteSource.open(part(name))) {
      channel.force(true);
      return new HashedFile(name, file.size(), Sha256.of(file));
    }
  }

  /** Puts every file that {@code manifest} lists to its place, and then the manifest. */
  void publish(Manifest manifest) throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    ManifestWriter.write(manifest, text);
    try (PositionedFile file = new PositionedFile(part(Manifest.FILE))) {
      file.write(0, MemorySegment.ofArray(text.toByteArray()));
      file.end(text.size());
      file.sync();
    }
    if (earlier.isPresent()) {
      Files.delete(folder.resolve(Manifest.FILE));
      for (HashedFile file : files(earlier.get()).toList()) {
        Files.deleteIfExists(folder.resolve(file.name()));
      }
    }
    for (HashedFile file : files(manifest).toList()) {
      Files.createDirectories(folder.resolve(file.name()).getParent());
      move(file.name());
    }
    move(Manifest.FILE);
  }

  private void move(String name) throws IOException {
    Files.move(
        part(name),
        folder.resolve(name),
        StandardCopyOption.REPLACE_EXISTING,
        StandardCopyOption.ATOMIC_MOVE);
  }

  private static Stream<HashedFile> files(Manifest manifest) {
    return Stream.concat(
        manifest.stages().values().stream().map(Manifest.StageFile::file),
        manifest.exact().stream());
  }

  /** Removes what grew here and was not published. */
  @Override
  public void close() throws IOException {
    if (!Files.exists(part)) {
      return;
    }
    List<Path> left;
    try (Stream<Path> paths = Files.walk(part)) {
      left = paths.toList();
    }
    for (Path path : left.reversed()) {
      Files.delete(path);
    }
    if (made) {
      try (Stream<Path> entries = Files.list(folder)) {
        if (entries.findAny().isPresent()) {
          return;
        }
      }
      Files.delete(folder);
    }
  }
}
