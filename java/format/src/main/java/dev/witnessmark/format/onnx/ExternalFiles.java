package dev.witnessmark.format.onnx;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.OpenFiles;
import dev.witnessmark.format.Printable;
import dev.witnessmark.format.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The files that a model names for its values, each opened once and confined to the model's folder:
 * a location is relative, does not climb, and does not leave through a symbolic link. Where the
 * model itself is a link (as in a download cache that keeps the contents elsewhere), the folder
 * that it points into counts too.
 */
final class ExternalFiles {

  private static final Pattern SEPARATOR = Pattern.compile("[/\\\\]");

  private final Path model;
  private final OpenFiles files;
  private final Limits limits;
  private final Map<String, ByteSource> opened = new LinkedHashMap<>();
  private final Map<String, List<Range>> ranges = new LinkedHashMap<>();

  private record Range(String tensor, long offset, long end) {}

  /**
   * The files beside {@code model}.
   *
   * @param files keeps what is opened
   */
  ExternalFiles(Path model, OpenFiles files, Limits limits) {
    this.model = model;
    this.files = files;
    this.limits = limits;
  }

  /**
   * The file with the values of {@code tensor}, which are {@code bytes} bytes.
   *
   * @throws Refusal.UnsafePath if the location leads out of the model's folder
   * @throws Refusal.MissingPart if there is no such file
   * @throws Refusal.Truncated if the file is too short
   */
  ByteSource open(Initializer tensor, Payload.Outside payload, long bytes) throws IOException {
    String location = payload.location();
    ByteSource file = opened.get(location);
    if (file == null) {
      if (opened.size() + 1 > limits.parts()) {
        throw new Refusal.LimitExceeded(
            model.toString(),
            tensor.subject(),
            tensor.offset(),
            "number of external files",
            opened.size() + 1L,
            limits.parts());
      }
      file = files.open(confined(tensor, location));
      opened.put(location, file);
    }
    long left = Math.max(0, file.size() - payload.offset());
    if (bytes > left) {
      throw new Refusal.Truncated(
          file.name(),
          tensor.subject(),
          payload.offset(),
          bytes,
          left,
          "fetch the file again, together with its model");
    }
    ranges
        .computeIfAbsent(location, any -> new ArrayList<>())
        .add(new Range(tensor.name(), payload.offset(), payload.offset() + bytes));
    return file;
  }

  /**
   * Checks that no two tensors share a part of their bytes. Tied weights may share all of them.
   *
   * @throws Refusal.Overlap if two do
   */
  void refuseOverlaps() throws Refusal.Overlap {
    for (Map.Entry<String, List<Range>> file : ranges.entrySet()) {
      List<Range> sorted = file.getValue();
      sorted.removeIf(range -> range.offset == range.end);
      sorted.sort(Comparator.comparingLong(Range::offset).thenComparingLong(Range::end));
      for (int i = 1; i < sorted.size(); i++) {
        Range before = sorted.get(i - 1);
        Range range = sorted.get(i);
        boolean same = before.offset == range.offset && before.end == range.end;
        if (range.offset < before.end && !same) {
          throw new Refusal.Overlap(
              file.getKey(),
              "initializer " + range.tensor,
              range.offset,
              "its bytes begin before those of %s end, at %d".formatted(before.tensor, before.end));
        }
      }
    }
  }

  private Path confined(Initializer tensor, String location) throws IOException {
    if (climbs(location)) {
      throw unsafe(tensor, location);
    }
    Path file;
    try {
      file = model.resolveSibling(location);
    } catch (InvalidPathException notAPath) {
      throw unsafe(tensor, location);
    }
    if (!Files.isRegularFile(file)) {
      throw new Refusal.MissingPart(
          model.toString(),
          tensor.subject(),
          "its values are in %s, which is not there; fetch it into the model's folder"
              .formatted(Printable.of(location)));
    }
    Path real = file.toRealPath();
    Path folder = model.toAbsolutePath().resolveSibling("").toRealPath();
    Path folderOfContents = model.toRealPath().resolveSibling("");
    if (!real.startsWith(folder) && !real.startsWith(folderOfContents)) {
      throw unsafe(tensor, location);
    }
    return file;
  }

  private static boolean climbs(String location) {
    return location.isEmpty()
        || location.startsWith("/")
        || location.startsWith("\\")
        || location.matches("[A-Za-z]:.*")
        || SEPARATOR.splitAsStream(location).anyMatch(".."::equals);
  }

  private Refusal.UnsafePath unsafe(Initializer tensor, String location) {
    return new Refusal.UnsafePath(
        model.toString(),
        tensor.subject(),
        "the file '%s' that should hold its values is outside the model's folder"
            .formatted(Printable.of(location)));
  }
}
