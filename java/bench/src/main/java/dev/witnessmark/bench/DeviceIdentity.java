package dev.witnessmark.bench;

import org.jspecify.annotations.Nullable;

/**
 * Which device it is, as far as times depend on it. Two devices are the same if all of this is
 * equal; what one side tells and the other does not is not assumed.
 *
 * @param kind {@code cpu}, {@code cuda} or {@code emulated}
 * @param name the product, for example {@code NVIDIA H200}
 * @param uuid the very card, or null if it has no such number
 */
public record DeviceIdentity(String kind, String name, @Nullable String uuid) {

  /** For example {@code cuda NVIDIA H200 GPU-5f3a}. */
  public String label() {
    return kind + " " + name + (uuid == null ? "" : " " + uuid);
  }
}
