package dev.witnessmark.format;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The folder of a checkpoint, and the only way to its files by names that a file contains: no such
 * name leads out of it.
 *
 * @param path the folder as the user named it
 */
public record Folder(Path path) {

  /** The folder that {@code file} is in. */
  public static Folder of(Path file) {
    Path parent = file.getParent();
    return new Folder(parent == null ? Path.of("") : parent);
  }

  /**
   * The file {@code name} directly in this folder, which must be there.
   *
   * @param owner the file that contains the name, for messages
   * @throws Refusal.UnsafePath if the name has separators, or leads out of the folder through a
   *     symbolic link
   * @throws Refusal.MissingPart if there is no such file
   */
  public Path file(String owner, String name) throws IOException {
    return find(owner, name)
        .orElseThrow(() ->
            new Refusal.MissingPart(
                owner, name, "this part is not in the folder; download it again, all of it"));
  }

  /** As {@link #file}, but empty if there is no such file. */
  public Optional<Path> find(String owner, String name) throws IOException {
    if (!plain(name)) {
      throw new Refusal.UnsafePath(
          owner, name, "is not a plain file name; parts must be in the folder itself");
    }
    Path file;
    try {
      file = path.resolve(name);
    } catch (InvalidPathException noName) {
      throw new Refusal.UnsafePath(owner, name, "cannot be a file name on this machine");
    }
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    if (!Files.exists(file)) {
      throw new Refusal.MissingPart(owner, name, "is a symbolic link to nothing");
    }
    Path real = file.toRealPath();
    if (!inside(real)) {
      throw new Refusal.UnsafePath(owner, name, "is a symbolic link out of the folder");
    }
    if (!Files.isRegularFile(real)) {
      throw new Refusal.MissingPart(owner, name, "is not a regular file");
    }
    return Optional.of(file);
  }

  private static boolean plain(String name) {
    return !name.isEmpty()
        && !name.equals(".")
        && !name.equals("..")
        && name.codePoints()
            .noneMatch(c -> c == '/' || c == '\\' || c == ':' || Character.isISOControl(c));
  }

  /**
   * Whether {@code real} is in this folder, or is a blob of the Hugging Face cache that this folder
   * is a snapshot of: {@code snapshots/REVISION/NAME} links to {@code blobs/HASH} beside it.
   */
  private boolean inside(Path real) throws IOException {
    Path folder = path.toRealPath();
    if (real.startsWith(folder)) {
      return true;
    }
    Path snapshots = folder.getParent();
    return snapshots != null
        && snapshots.endsWith("snapshots")
        && real.startsWith(snapshots.resolveSibling("blobs"));
  }
}
