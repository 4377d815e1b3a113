package dev.witnessmark.format.gguf;

import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Metadata;
import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.TensorView;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Joins the headers of a split model and holds the parts to what each says about the whole. */
final class GgufParts {

  static final String COUNT = "split.count";
  private static final String NUMBER = "split.no";
  private static final String TENSORS = "split.tensors.count";

  private final int count;
  private final Limits limits;
  private final Map<String, MetadataValue> metadata = new LinkedHashMap<>();
  private final List<TensorView> tensors = new ArrayList<>();
  private final Set<String> names = new HashSet<>();
  private final List<String> notes = new ArrayList<>();
  private int version;
  private int added;

  GgufParts(int count, Limits limits) {
    this.count = count;
    this.limits = limits;
  }

  /** Adds the next part. */
  void add(String file, GgufHeader part) throws Refusal {
    expect(file, COUNT, part.metadata().whole(COUNT).orElse(1), count);
    expect(file, NUMBER, part.metadata().whole(NUMBER).orElse(-1), added);
    if (added == 0) {
      version = part.version();
    }
    expect(file, "version", part.version(), version);
    for (var entry : part.metadata().entries().entrySet()) {
      merge(file, entry.getKey(), entry.getValue());
    }
    for (TensorView tensor : part.tensors()) {
      if (!names.add(tensor.name())) {
        throw new Refusal.Duplicate(
            file, tensor.name(), tensor.offset(), "an earlier part has a tensor of this name");
      }
      tensors.add(tensor);
    }
    if (tensors.size() > limits.tensors()) {
      throw new Refusal.LimitExceeded(
          file, "tensors", -1, "the number in all parts", tensors.size(), limits.tensors());
    }
    part.notes().forEach(note -> notes.add(file + ": " + note));
    added++;
  }

  /** Once all are added: the number of tensors is the one that the parts promise. */
  void checkComplete(String file) throws Refusal {
    expect(file, TENSORS, metadata().whole(TENSORS).orElse(-1), tensors.size());
  }

  /** Version of every part. */
  int version() {
    return version;
  }

  /** All keys; only {@code split.no} differs between parts and is the first one's. */
  Metadata metadata() {
    return new Metadata(metadata);
  }

  List<TensorView> tensors() {
    return tensors;
  }

  List<String> notes() {
    return notes;
  }

  private void merge(String file, String key, MetadataValue value) throws Refusal {
    MetadataValue before = metadata.putIfAbsent(key, value);
    if (before != null && !key.equals(NUMBER) && !agree(before, value)) {
      throw new Refusal.Malformed(
          file,
          key,
          -1,
          "has another value than in an earlier part; the parts do not belong together");
    }
  }

  private static boolean agree(MetadataValue one, MetadataValue other) {
    if (one instanceof MetadataValue.Sequence a && other instanceof MetadataValue.Sequence b) {
      return a.elementType().equals(b.elementType())
          && a.count() == b.count()
          && a.head().equals(b.head());
    }
    return one.equals(other);
  }

  private static void expect(String file, String key, long found, long expected) throws Refusal {
    if (found != expected) {
      throw new Refusal.Inconsistent(file, key, -1, "its value", found, expected);
    }
  }
}
