package dev.witnessmark.capture.dump;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.OpenFiles;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.ReopenedFile;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.format.safetensors.SafetensorsReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Tensors that another tool has written, under its own names.
 *
 * @param tensors in the order of the files' names, and of their data in a file
 * @param prompt the text that they come from, where the files say
 * @param tokens its tokens as the files have them, where they do
 * @param files the open files
 */
public record Dump(
    List<TensorView> tensors,
    Optional<String> prompt,
    Optional<String> tokens,
    List<ByteSource> files) {

  private static final String SAFETENSORS = ".safetensors";
  private static final String NPY = ".npy";

  /** No tool divides its output further. */
  private static final int DEEPEST = 8;

  public Dump {
    tensors = List.copyOf(tensors);
    files = List.copyOf(files);
  }

  /**
   * Opens a safetensors file, or a folder of safetensors and NumPy files, those in folders inside
   * it included. A tensor of a NumPy file is called by the path of the file in the folder, with
   * slashes and without {@code .npy}.
   *
   * @throws Refusal.MissingPart if a folder holds none
   * @throws Refusal if one of them is wrong
   */
  public static Dump open(Path path, Limits limits) throws IOException {
    try (OpenFiles open = new OpenFiles()) {
      List<TensorView> tensors = new ArrayList<>();
      List<Checkpoint> texts = new ArrayList<>();
      for (Path file : Files.isDirectory(path) ? files(path, limits) : List.of(path)) {
        if (file.toString().endsWith(NPY)) {
          tensors.add(NpyHeader.read(ReopenedFile.of(file), name(path, file)));
        } else {
          Checkpoint checkpoint = SafetensorsReader.read(file, limits);
          open.addAll(checkpoint.files());
          tensors.addAll(checkpoint.tensors());
          texts.add(checkpoint);
        }
        if (tensors.size() > limits.tensors()) {
          throw new Refusal.LimitExceeded(
              path.toString(), "tensors", -1, "their number", tensors.size(), limits.tensors());
        }
      }
      return new Dump(tensors, first(texts, "prompt"), first(texts, "token_ids"), open.release());
    }
  }

  private static Optional<String> first(List<Checkpoint> files, String key) {
    return files.stream().flatMap(file -> file.metadata().text(key).stream()).findFirst();
  }

  private static String name(Path folder, Path file) {
    String name = folder.equals(file) ? file.getFileName().toString() : slashes(folder, file);
    return name.substring(0, name.length() - NPY.length());
  }

  private static String slashes(Path folder, Path file) {
    return folder.relativize(file).toString().replace('\\', '/');
  }

  private static Iterable<Path> files(Path folder, Limits limits) throws IOException {
    TreeSet<Path> files = new TreeSet<>();
    // Links are not followed: what a folder holds is in it.
    try (Stream<Path> all = Files.walk(folder, DEEPEST)) {
      for (Path file : (Iterable<Path>) all::iterator) {
        String name = file.toString();
        if ((name.endsWith(NPY) || name.endsWith(SAFETENSORS)) && Files.isRegularFile(file)) {
          files.add(file);
        }
        if (files.size() > limits.parts()) {
          throw new Refusal.LimitExceeded(
              folder.toString(), "files", -1, "their number", files.size(), limits.parts());
        }
      }
    } catch (UncheckedIOException unreadable) {
      throw unreadable.getCause();
    }
    if (files.isEmpty()) {
      throw new Refusal.MissingPart(
          folder.toString(),
          "stages",
          "the folder holds neither the manifest of a capture nor safetensors or .npy files");
    }
    return files;
  }
}
