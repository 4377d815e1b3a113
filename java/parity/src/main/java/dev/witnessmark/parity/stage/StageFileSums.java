package dev.witnessmark.parity.stage;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * What is added up over two tensors, pair by pair in their order. Distances are float32, sums are
 * float64, one addition after the other: the numbers that other tools print for such files.
 */
final class StageFileSums {

  private static final ValueLayout.OfInt BITS =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final FurthestPairs pairs;
  private long values;
  private long bitEqual;
  private long differing;
  private long nanOnlyA;
  private long nanOnlyB;
  private long nanBoth;
  private float furthest;
  private long furthestIndex;
  private double distances;
  private double products;
  private double squaresA;
  private double squaresB;

  StageFileSums(int most) {
    pairs = new FurthestPairs(most);
  }

  /** Adds the next values of both, float32 as they are stored. */
  void add(MemorySegment left, MemorySegment right) {
    for (long at = 0; at < left.byteSize(); at += Float.BYTES) {
      add(left.get(BITS, at), right.get(BITS, at));
    }
  }

  private void add(int bitsA, int bitsB) {
    float a = Float.intBitsToFloat(bitsA);
    float b = Float.intBitsToFloat(bitsB);
    float distance;
    if (bitsA == bitsB) {
      // Of infinities and NaN too: their difference would be NaN.
      distance = 0;
      bitEqual++;
    } else {
      distance = Math.abs(a - b);
      differing += distance == 0 ? 0 : 1;
    }
    if (Float.isNaN(a) || Float.isNaN(b)) {
      nan(a, b);
    }
    if (distance > furthest) {
      furthest = distance;
      furthestIndex = values;
    }
    pairs.add(values, a, b, distance);
    distances += (double) distance * distance;
    products += (double) a * b;
    squaresA += (double) a * a;
    squaresB += (double) b * b;
    values++;
  }

  private void nan(float a, float b) {
    if (!Float.isNaN(b)) {
      nanOnlyA++;
    } else if (!Float.isNaN(a)) {
      nanOnlyB++;
    } else {
      nanBoth++;
    }
  }

  float rms() {
    return values == 0 ? 0 : (float) Math.sqrt(distances / values);
  }

  @Nullable Double cosine() {
    if (squaresA == 0 && squaresB == 0) {
      return null;
    }
    if (squaresA == 0 || squaresB == 0) {
      return 0.0;
    }
    double cosine = products / (Math.sqrt(squaresA) * Math.sqrt(squaresB));
    return Double.isFinite(cosine) ? cosine : null;
  }

  long bitEqual() {
    return bitEqual;
  }

  long differing() {
    return differing;
  }

  long nanOnlyA() {
    return nanOnlyA;
  }

  long nanOnlyB() {
    return nanOnlyB;
  }

  long nanBoth() {
    return nanBoth;
  }

  float furthest() {
    return furthest;
  }

  long furthestIndex() {
    return furthestIndex;
  }

  FurthestPairs pairs() {
    return pairs;
  }
}
