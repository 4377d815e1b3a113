package dev.witnessmark.fingerprint;

import dev.witnessmark.kernels.operation.Base17;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * The Base17 fingerprint of a row: seventeen signed 16-bit numbers, means of interleaved classes of
 * columns times 256. A plain metric space: no dimension means more than another.
 *
 * <p>Bulk work keeps fingerprints side by side in one {@code short[]}, row r at {@code 17·r};
 * {@link #distance(short[], int, short[], int)} reads them there.
 */
public final class Fingerprint {

  /** Numbers of a fingerprint. */
  public static final int DIMENSIONS = Base17.DIMENSIONS;

  /** Bytes of a stored fingerprint. */
  public static final int BYTES = DIMENSIONS * Short.BYTES;

  /** The largest possible distance: 17 · 65,535. */
  public static final int LARGEST_DISTANCE = DIMENSIONS * 65_535;

  /** All dimensions zero. */
  public static final Fingerprint ZERO = new Fingerprint(new short[DIMENSIONS]);

  /** Dimensions 1 to this one weigh three in {@link #weightedDistance}. */
  private static final int LAST_OF_WEIGHT_THREE = 6;

  private final short[] values;

  private Fingerprint(short[] values) {
    this.values = values;
  }

  /**
   * The fingerprint of these numbers.
   *
   * @throws IllegalArgumentException if there are not seventeen
   */
  public static Fingerprint of(short... values) {
    if (values.length != DIMENSIONS) {
      throw new IllegalArgumentException(values.length + " numbers, not " + DIMENSIONS);
    }
    return new Fingerprint(values.clone());
  }

  /** The fingerprint of row {@code row} of many. */
  public static Fingerprint row(short[] rows, int row) {
    return new Fingerprint(Arrays.copyOfRange(rows, DIMENSIONS * row, DIMENSIONS * (row + 1)));
  }

  /** The mean of {@code members}, each dimension truncated toward zero; of none, zero. */
  public static Fingerprint bundle(List<Fingerprint> members) {
    if (members.isEmpty()) {
      return ZERO;
    }
    short[] mean = new short[DIMENSIONS];
    for (int d = 0; d < DIMENSIONS; d++) {
      long sum = 0;
      for (Fingerprint member : members) {
        sum += member.values[d];
      }
      mean[d] = (short) (sum / members.size());
    }
    return new Fingerprint(mean);
  }

  /**
   * L1 distance of two fingerprints that lie among others.
   *
   * @param a fingerprints
   * @param atA index of the first number of one of them
   * @param b fingerprints
   * @param atB index of the first number of one of them
   */
  public static int distance(short[] a, int atA, short[] b, int atB) {
    int sum = 0;
    for (int d = 0; d < DIMENSIONS; d++) {
      sum += Math.abs(a[atA + d] - b[atB + d]);
    }
    return sum;
  }

  /** L1 distance: from 0 to {@link #LARGEST_DISTANCE}. */
  public int distance(Fingerprint other) {
    return distance(values, 0, other.values, 0);
  }

  /**
   * L1 distance with dimension 0 weighing 20, dimensions 1 to 6 three, the others one. The weights
   * come from a layout of bit fields that these dimensions do not have: a metric, nothing more.
   */
  public int weightedDistance(Fingerprint other) {
    int sum = 0;
    for (int d = 0; d < DIMENSIONS; d++) {
      int weight = d == 0 ? 20 : d <= LAST_OF_WEIGHT_THREE ? 3 : 1;
      sum += weight * Math.abs(values[d] - other.values[d]);
    }
    return sum;
  }

  /** Number of dimensions with equal sign, zero counting as positive. */
  public int signAgreement(Fingerprint other) {
    int agreeing = 0;
    for (int d = 0; d < DIMENSIONS; d++) {
      agreeing += values[d] >= 0 == other.values[d] >= 0 ? 1 : 0;
    }
    return agreeing;
  }

  /** Each dimension's bits exclusive-or the other's: its own inverse. */
  public Fingerprint bind(Fingerprint other) {
    short[] bound = new short[DIMENSIONS];
    for (int d = 0; d < DIMENSIONS; d++) {
      bound[d] = (short) (values[d] ^ other.values[d]);
    }
    return new Fingerprint(bound);
  }

  /** Dimension d is this one's dimension {@code (d + steps) mod 17}. */
  public Fingerprint permuted(int steps) {
    short[] permuted = new short[DIMENSIONS];
    for (int d = 0; d < DIMENSIONS; d++) {
      permuted[d] = values[Math.floorMod(d + steps, DIMENSIONS)];
    }
    return new Fingerprint(permuted);
  }

  /** Dimension {@code d}, from 0 to 16. */
  public short get(int d) {
    return values[d];
  }

  /** The numbers, dimension 0 first. */
  public short[] toArray() {
    return values.clone();
  }

  /** As stored: little-endian, dimension 0 first. */
  public byte[] toBytes() {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asShortBuffer().put(values);
    return bytes.array();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Fingerprint that && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return Arrays.toString(values);
  }
}
