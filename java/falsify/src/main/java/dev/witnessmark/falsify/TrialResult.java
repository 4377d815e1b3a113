package dev.witnessmark.falsify;

import dev.witnessmark.falsify.path.Checksum;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The bits of a trial on the scalar oracle and on the device.
 *
 * @param name what was computed, and by which operations
 * @param elements how many float32 values
 * @param oracle CRC-32 of the oracle's
 * @param device CRC-32 of the device's
 * @param differing values whose bits differ
 * @param firstDiffering index of the first one, or -1
 * @param reference the CRC-32 that both must have, or null
 */
public record TrialResult(
    String name,
    int elements,
    String oracle,
    String device,
    int differing,
    int firstDiffering,
    @Nullable Reference reference) {

  static TrialResult of(Trial trial, float[] oracle, float[] device) {
    int differing = 0;
    int first = -1;
    for (int i = 0; i < oracle.length; i++) {
      if (Float.floatToRawIntBits(oracle[i]) != Float.floatToRawIntBits(device[i])) {
        differing++;
        first = first < 0 ? i : first;
      }
    }
    return new TrialResult(
        trial.name(), oracle.length, hex(oracle), hex(device), differing, first, trial.reference());
  }

  private static String hex(float[] values) {
    return String.format(Locale.ROOT, "%08x", Checksum.of(values));
  }

  /** Whether the bits are equal, and those that were published. */
  public boolean agrees() {
    return differing == 0 && (reference == null || reference.text().equals(device));
  }
}
