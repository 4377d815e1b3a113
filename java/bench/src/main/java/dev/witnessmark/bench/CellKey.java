package dev.witnessmark.bench;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What was measured: two cells may be compared if all of this is equal. Null where a property does
 * not apply or was not told; null equals null only.
 *
 * @param kernel the operation, or the user's own kernel
 * @param type storage type of the weights
 * @param shape extents in the kernel's order, for example rows and columns
 * @param batch columns of activations
 * @param device where it ran
 * @param threads workers on a CPU
 * @param path {@code f32} or {@code q8}
 * @param arithmetic {@code canonical} or {@code fast}
 * @param cache {@code cold} (buffers rotate through more than the last-level cache) or {@code warm}
 */
public record CellKey(
    String kernel,
    @Nullable String type,
    List<Long> shape,
    @Nullable Long batch,
    DeviceIdentity device,
    @Nullable Long threads,
    @Nullable String path,
    @Nullable String arithmetic,
    @Nullable String cache) {

  public CellKey {
    shape = List.copyOf(shape);
  }

  /** Operation, extents and conditions, for example {@code q4_k matvec 4096×14336 b=1 q8 cold}. */
  public String label() {
    return Stream.concat(Stream.of(operation()), conditions().stream())
        .collect(Collectors.joining(" "));
  }

  /** What was computed, for example {@code q4_k matvec 4096×14336 b=1}. */
  public String operation() {
    return Stream.of(
            type,
            kernel,
            shape.isEmpty()
                ? null
                : shape.stream().map(String::valueOf).collect(Collectors.joining("×")),
            batch == null ? null : "b=" + batch)
        .filter(Objects::nonNull)
        .collect(Collectors.joining(" "));
  }

  /** How it was computed, beside the device: path, arithmetic, state of the cache, threads. */
  public List<String> conditions() {
    return Stream.of(path, arithmetic, cache, threads == null ? null : threads + " threads")
        .filter(Objects::nonNull)
        .toList();
  }

  /** What was computed and how, whatever it ran on. */
  public Work work() {
    return new Work(kernel, type, shape, batch, arithmetic, cache);
  }

  /** A {@link CellKey} without device, threads and path. */
  public record Work(
      String kernel,
      @Nullable String type,
      List<Long> shape,
      @Nullable Long batch,
      @Nullable String arithmetic,
      @Nullable String cache) {}
}
