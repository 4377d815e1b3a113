package dev.witnessmark.capture;

import dev.witnessmark.capture.dump.Dump;
import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.ReopenedFile;
import dev.witnessmark.format.Shape;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.model.transformer.Hyperparameters;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** APRT files under the names of stages without a manifest: their shapes follow from a model's. */
final class BareFiles {

  private static final String SUFFIX = ".bin";

  private BareFiles() {}

  /** The files in {@code folder} that have the name of a stage and begin as APRT files. */
  static SortedMap<StageKey, Path> find(Path folder) throws IOException {
    SortedMap<StageKey, Path> found = new TreeMap<>();
    // Links are not followed: what a folder holds is in it.
    try (Stream<Path> all = Files.walk(folder, 2)) {
      for (Path file : (Iterable<Path>) all::iterator) {
        String name = folder.relativize(file).toString().replace('\\', '/');
        Optional<StageKey> key =
            name.endsWith(SUFFIX)
                ? StageKey.ofName(name.substring(0, name.length() - SUFFIX.length()))
                : Optional.empty();
        if (key.isPresent() && AprtHeader.begins(file)) {
          found.put(key.get(), file);
        }
      }
    } catch (UncheckedIOException unreadable) {
      throw unreadable.getCause();
    }
    return found;
  }

  /**
   * Their tensors.
   *
   * @throws Refusal if a file is wrong, or does not hold whole positions of {@code model}
   */
  static Dump open(SortedMap<StageKey, Path> files, Hyperparameters model) throws IOException {
    List<TensorView> tensors = new ArrayList<>();
    for (Map.Entry<StageKey, Path> each : files.entrySet()) {
      StageKey key = each.getKey();
      ByteSource file = ReopenedFile.of(each.getValue());
      AprtHeader header = AprtHeader.read(file);
      header.requireLayer(key, file.name());
      tensors.add(header.values(file, key.name(), shape(key, header.elements(), file, model)));
    }
    return new Dump(tensors, Optional.empty(), Optional.empty(), List.of());
  }

  private static Shape shape(StageKey key, long elements, ByteSource file, Hyperparameters model)
      throws Refusal {
    if (key.layer() >= model.layers() || !key.stage().occursIn(model, key.layer())) {
      throw new Refusal.Malformed(
          file.name(), key.name(), -1, "is no stage of this %s".formatted(model.architecture()));
    }
    if (key.stage() == Stage.LM_HEAD) {
      return Shape.of(elements);
    }
    if (key.stage().isPerPosition()) {
      long row = key.stage().rowElements(model);
      requireWhole(key, elements, elements / row * row, file);
      return Shape.of(elements / row, row);
    }
    long heads = model.heads();
    long positions = (long) Math.sqrt((double) elements / heads);
    requireWhole(key, elements, heads * positions * positions, file);
    return Shape.of(heads, positions, positions);
  }

  private static void requireWhole(StageKey key, long elements, long whole, ByteSource file)
      throws Refusal {
    if (elements != whole) {
      throw new Refusal.Inconsistent(
          file.name(),
          key.name(),
          AprtHeader.BYTES,
          "it does not hold whole positions of this model: the number of its values",
          elements,
          whole);
    }
  }
}
