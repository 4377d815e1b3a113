package dev.witnessmark.bench;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the maker of a device states. Shares of it are shown beside those of what was measured.
 *
 * @param copyRate memory bandwidth in bytes per second, or null if it is not known here
 * @param matrixRate dense float16 matrix rate in operations per second, or null
 */
public record Datasheet(@Nullable Double copyRate, @Nullable Double matrixRate) {

  private record Entry(String name, Datasheet datasheet) {}

  /** The longer name first where one begins another. */
  private static final List<Entry> KNOWN =
      List.of(
          new Entry("NVIDIA H200", new Datasheet(4.8e12, 989e12)),
          new Entry("NVIDIA H100 80GB HBM3", new Datasheet(3.35e12, 989e12)),
          new Entry("NVIDIA A100-SXM4-80GB", new Datasheet(2.039e12, 312e12)));

  private static final Datasheet UNKNOWN = new Datasheet(null, null);

  /** The entry for a device that its driver names so. */
  public static Datasheet of(String name) {
    return KNOWN.stream()
        .filter(entry -> name.startsWith(entry.name))
        .map(Entry::datasheet)
        .findFirst()
        .orElse(UNKNOWN);
  }
}
