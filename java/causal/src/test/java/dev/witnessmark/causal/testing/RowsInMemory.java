package dev.witnessmark.causal.testing;

import dev.witnessmark.fingerprint.Fingerprint;
import dev.witnessmark.fingerprint.FingerprintTensor;
import dev.witnessmark.fingerprint.LayerType;

/** Fingerprints that a test holds. */
public record RowsInMemory(String name, LayerType layerType, long columns, short[] values)
    implements FingerprintTensor {

  @Override
  public long rows() {
    return values.length / Fingerprint.DIMENSIONS;
  }

  @Override
  public void read(long first, int count, short[] target) {
    System.arraycopy(
        values, (int) first * Fingerprint.DIMENSIONS, target, 0, count * Fingerprint.DIMENSIONS);
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
