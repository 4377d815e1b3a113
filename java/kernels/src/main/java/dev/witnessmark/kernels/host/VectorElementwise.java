package dev.witnessmark.kernels.host;

import dev.witnessmark.kernels.decode.Lanes;
import dev.witnessmark.kernels.operation.Add;
import dev.witnessmark.kernels.operation.AddBias;
import dev.witnessmark.kernels.operation.GatedSilu;
import dev.witnessmark.kernels.operation.Rotary;
import dev.witnessmark.kernels.operation.Silu;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** Operations in which every value, or pair of values, stands alone. */
final class VectorElementwise {

  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;

  /** Elements after which one loop follows another: the values are still in the cache. */
  private static final int STRETCH = 1 << 12;

  private static final VectorShuffle<Float> EVEN_TWICE =
      VectorShuffle.fromOp(FLOATS, lane -> lane & -2);
  private static final VectorShuffle<Float> ODD_TWICE =
      VectorShuffle.fromOp(FLOATS, lane -> lane | 1);

  private final MemorySegment exponentials = Scratch.allocate((long) STRETCH * Float.BYTES);

  /** A row of the rotary table in the order of the vectors. */
  private final Scratch angles = new Scratch();

  private final VectorExp exp;

  VectorElementwise(VectorExp exp) {
    this.exp = exp;
  }

  static void add(Add o, MemorySegment a, MemorySegment b, MemorySegment results) {
    for (long first = 0; first < o.elements(); first += STRETCH) {
      int count = (int) Math.min(STRETCH, o.elements() - first);
      add(a, Float.BYTES * first, b, Float.BYTES * first, count, results);
    }
  }

  static void addBias(
      AddBias o, MemorySegment activations, MemorySegment bias, MemorySegment results) {
    for (int row = 0; row < o.rows(); row++) {
      add(activations, (long) Float.BYTES * row * o.columns(), bias, 0, o.columns(), results);
    }
  }

  /** Elements of {@code a} from {@code at} on, whose sums have that place in the results too. */
  private static void add(
      MemorySegment a, long at, MemorySegment b, long bAt, int elements, MemorySegment results) {
    int whole = FLOATS.loopBound(elements);
    for (int i = 0; i < whole; i += FLOATS.length()) {
      FloatVector.fromMemorySegment(FLOATS, a, at + 4L * i, LITTLE)
          .add(FloatVector.fromMemorySegment(FLOATS, b, bAt + 4L * i, LITTLE))
          .intoMemorySegment(results, at + 4L * i, LITTLE);
    }
    for (int i = whole; i < elements; i++) {
      float sum = Values.f32At(a, at + 4L * i) + Values.f32At(b, bAt + 4L * i);
      Values.setF32At(results, at + 4L * i, sum);
    }
  }

  void silu(Silu o, MemorySegment gate, MemorySegment results) {
    for (long first = 0; first < o.elements(); first += STRETCH) {
      int count = (int) Math.min(STRETCH, o.elements() - first);
      exp.apply(gate, Float.BYTES * first, -1, 0, count, exponentials, 0);
      silu(gate, Float.BYTES * first, count, exponentials, results);
    }
  }

  private static void silu(
      MemorySegment gate,
      long at,
      int elements,
      MemorySegment exponentials,
      MemorySegment results) {
    int whole = FLOATS.loopBound(elements);
    for (int i = 0; i < whole; i += FLOATS.length()) {
      FloatVector.fromMemorySegment(FLOATS, gate, at + 4L * i, LITTLE)
          .div(FloatVector.fromMemorySegment(FLOATS, exponentials, 4L * i, LITTLE).add(1))
          .intoMemorySegment(results, at + 4L * i, LITTLE);
    }
    for (int i = whole; i < elements; i++) {
      float silu = Values.f32At(gate, at + 4L * i) / (1 + Values.f32At(exponentials, 4L * i));
      Values.setF32At(results, at + 4L * i, silu);
    }
  }

  void gatedSilu(GatedSilu o, MemorySegment gate, MemorySegment up, MemorySegment results) {
    for (long first = 0; first < o.elements(); first += STRETCH) {
      int count = (int) Math.min(STRETCH, o.elements() - first);
      exp.apply(gate, Float.BYTES * first, -1, 0, count, exponentials, 0);
      gate(gate, up, Float.BYTES * first, count, exponentials, results);
    }
  }

  private static void gate(
      MemorySegment gate,
      MemorySegment up,
      long at,
      int elements,
      MemorySegment exponentials,
      MemorySegment results) {
    int whole = FLOATS.loopBound(elements);
    for (int i = 0; i < whole; i += FLOATS.length()) {
      FloatVector divisor =
          FloatVector.fromMemorySegment(FLOATS, exponentials, 4L * i, LITTLE).add(1);
      FloatVector.fromMemorySegment(FLOATS, gate, at + 4L * i, LITTLE)
          .div(divisor)
          .mul(FloatVector.fromMemorySegment(FLOATS, up, at + 4L * i, LITTLE))
          .intoMemorySegment(results, at + 4L * i, LITTLE);
    }
    for (int i = whole; i < elements; i++) {
      float silu = Values.f32At(gate, at + 4L * i) / (1 + Values.f32At(exponentials, 4L * i));
      Values.setF32At(results, at + 4L * i, silu * Values.f32At(up, at + 4L * i));
    }
  }

  void rotary(Rotary o, MemorySegment activations, MemorySegment table, MemorySegment results) {
    long headBytes = (long) Float.BYTES * o.headSize();
    long rotatedBytes = (long) Float.BYTES * o.rotated();
    MemorySegment row = angles.atLeast(rotatedBytes);
    for (int position = 0; position < o.positions(); position++) {
      long from = position * rotatedBytes;
      boolean interleaved = o.layout() == Rotary.Layout.INTERLEAVED;
      if (interleaved) {
        minusSineAndCosine(table, from, o.rotated(), row);
      } else {
        cosinesThenSines(table, from, o.rotated(), row);
      }
      for (int head = 0; head < o.heads(); head++) {
        long at = ((long) position * o.heads() + head) * headBytes;
        if (interleaved) {
          rotateNeighbours(activations, at, table, from, row, o.rotated(), results);
        } else {
          rotateHalves(activations, at, row, o.rotated() / 2, results);
        }
        MemorySegment.copy(
            activations, at + rotatedBytes, results, at + rotatedBytes, headBytes - rotatedBytes);
      }
    }
  }

  /** From cosine, sine, … to −sine, cosine, …: what the second of a pair is multiplied with. */
  private static void minusSineAndCosine(
      MemorySegment table, long from, int count, MemorySegment row) {
    for (int i = 0; i < count; i += 2) {
      Values.setF32(row, i, -Values.f32At(table, from + 4L * i + 4));
      Values.setF32(row, i + 1L, Values.f32At(table, from + 4L * i));
    }
  }

  private static void cosinesThenSines(
      MemorySegment table, long from, int count, MemorySegment row) {
    for (int i = 0; i < count / 2; i++) {
      Values.setF32(row, i, Values.f32At(table, from + 8L * i));
      Values.setF32(row, (long) count / 2 + i, Values.f32At(table, from + 8L * i + 4));
    }
  }

  private static void rotateNeighbours(
      MemorySegment x,
      long at,
      MemorySegment table,
      long from,
      MemorySegment row,
      int count,
      MemorySegment results) {
    int whole = FLOATS.loopBound(count);
    for (int i = 0; i < whole; i += FLOATS.length()) {
      FloatVector pairs = FloatVector.fromMemorySegment(FLOATS, x, at + 4L * i, LITTLE);
      FloatVector second =
          pairs
              .rearrange(ODD_TWICE)
              .mul(FloatVector.fromMemorySegment(FLOATS, row, 4L * i, LITTLE));
      pairs
          .rearrange(EVEN_TWICE)
          .fma(FloatVector.fromMemorySegment(FLOATS, table, from + 4L * i, LITTLE), second)
          .intoMemorySegment(results, at + 4L * i, LITTLE);
    }
    for (int i = whole; i < count; i += 2) {
      float c = Values.f32At(table, from + 4L * i);
      float s = Values.f32At(table, from + 4L * i + 4);
      rotate(x, at + 4L * i, at + 4L * i + 4, c, s, results);
    }
  }

  private static void rotateHalves(
      MemorySegment x, long at, MemorySegment row, int half, MemorySegment results) {
    int whole = FLOATS.loopBound(half);
    long other = at + 4L * half;
    for (int i = 0; i < whole; i += FLOATS.length()) {
      FloatVector x0 = FloatVector.fromMemorySegment(FLOATS, x, at + 4L * i, LITTLE);
      FloatVector x1 = FloatVector.fromMemorySegment(FLOATS, x, other + 4L * i, LITTLE);
      FloatVector c = FloatVector.fromMemorySegment(FLOATS, row, 4L * i, LITTLE);
      FloatVector s = FloatVector.fromMemorySegment(FLOATS, row, 4L * (half + i), LITTLE);
      x0.fma(c, x1.mul(s).neg()).intoMemorySegment(results, at + 4L * i, LITTLE);
      x0.fma(s, x1.mul(c)).intoMemorySegment(results, other + 4L * i, LITTLE);
    }
    for (int i = whole; i < half; i++) {
      float c = Values.f32(row, i);
      float s = Values.f32(row, (long) half + i);
      rotate(x, at + 4L * i, other + 4L * i, c, s, results);
    }
  }

  private static void rotate(
      MemorySegment x, long at0, long at1, float c, float s, MemorySegment results) {
    float x0 = Values.f32At(x, at0);
    float x1 = Values.f32At(x, at1);
    Values.setF32At(results, at0, Math.fma(x0, c, -(x1 * s)));
    Values.setF32At(results, at1, Math.fma(x0, s, x1 * c));
  }
}
