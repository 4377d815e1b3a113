package dev.witnessmark.fingerprint.index;

import dev.witnessmark.fingerprint.Fingerprint;
import dev.witnessmark.fingerprint.FingerprintTensor;
import dev.witnessmark.fingerprint.LayerType;

/**
 * Sizes of the tensors of one type, or of all.
 *
 * @param tensors number of tensors
 * @param originalBytes four bytes for every value, whatever it is stored in
 * @param fingerprintBytes 34 bytes for every row
 */
public record LayerStatistics(long tensors, long originalBytes, long fingerprintBytes) {

  public static final LayerStatistics NONE = new LayerStatistics(0, 0, 0);

  /** Those of one tensor. */
  public static LayerStatistics of(FingerprintTensor tensor) {
    return new LayerStatistics(
        1,
        Math.multiplyExact(Math.multiplyExact(tensor.rows(), tensor.columns()), Float.BYTES),
        Math.multiplyExact(tensor.rows(), (long) Fingerprint.BYTES));
  }

  /** Those of all {@code tensors} of {@code type}. */
  public static LayerStatistics of(LayerType type, Iterable<? extends FingerprintTensor> tensors) {
    LayerStatistics sum = NONE;
    for (FingerprintTensor tensor : tensors) {
      if (tensor.layerType() == type) {
        sum = sum.plus(of(tensor));
      }
    }
    return sum;
  }

  /** The sum of both. */
  public LayerStatistics plus(LayerStatistics other) {
    return new LayerStatistics(
        tensors + other.tensors,
        Math.addExact(originalBytes, other.originalBytes),
        Math.addExact(fingerprintBytes, other.fingerprintBytes));
  }

  /**
   * The fingerprint reduction: columns / 8.5 for tensors of one width, 0 without rows. It follows
   * from the shapes alone and says nothing of what is in them.
   */
  public double reduction() {
    return fingerprintBytes == 0 ? 0 : (double) originalBytes / fingerprintBytes;
  }
}
