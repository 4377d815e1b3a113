package dev.witnessmark.causal.diff;

import dev.witnessmark.fingerprint.Fingerprint;

/** How the distance of two rows is measured. */
public enum Measure {

  /** L1 distance of Base17 fingerprints: whole numbers up to 1,114,095. */
  BASE17("base17", "L1", 100) {
    @Override
    public float frequency(double distance) {
      return (float) Math.min(distance / Fingerprint.LARGEST_DISTANCE, 1);
    }
  },

  /**
   * ‖Δrow‖ / ‖row‖ of the weights themselves, in float64; infinite where the row was zero, or where
   * a NaN or an infinity is on one side alone. Unrelated rows of equal length are about √2 apart.
   */
  RELATIVE("relative", "‖Δ‖/‖row‖", 0.01) {
    @Override
    public float frequency(double distance) {
      return (float) Math.min(distance, 1);
    }
  };

  private final String label;
  private final String unit;
  private final double usualThreshold;

  Measure(String label, String unit, double usualThreshold) {
    this.label = label;
    this.unit = unit;
    this.usualThreshold = usualThreshold;
  }

  /** The name on the command line and in documents. */
  public String label() {
    return label;
  }

  /** What a distance counts. */
  public String unit() {
    return unit;
  }

  /** The threshold where none is asked for. */
  public double usualThreshold() {
    return usualThreshold;
  }

  /** The frequency of the truth that a row at this distance has become another. */
  public abstract float frequency(double distance);
}
