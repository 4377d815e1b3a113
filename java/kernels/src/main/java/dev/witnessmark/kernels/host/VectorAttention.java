package dev.witnessmark.kernels.host;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.decode.Decoder;
import dev.witnessmark.kernels.decode.Decoders;
import dev.witnessmark.kernels.decode.Lanes;
import dev.witnessmark.kernels.operation.Attention;
import dev.witnessmark.kernels.operation.AttentionScores;
import dev.witnessmark.kernels.operation.Element;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Attention, one key/value head after the other. Keys and values in float16 are widened first, one
 * head at a time.
 */
final class VectorAttention {

  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;

  /** Lanes that positions are added to. */
  private static final int CLASSES = 8;

  private final MemorySegment lanes = Scratch.allocate(WideLanes.BYTES);
  private final MemorySegment classes = Scratch.allocate((long) CLASSES * FLOATS.vectorByteSize());
  private final Scratch scores = new Scratch();
  private final Scratch wideKeys = new Scratch();
  private final Scratch wideValues = new Scratch();
  private final Decoder halves = Decoders.best(TensorType.F16);
  private final VectorRows rows;

  VectorAttention(VectorRows rows) {
    this.rows = rows;
  }

  void run(
      Attention o,
      MemorySegment queries,
      MemorySegment keys,
      MemorySegment values,
      MemorySegment results) {
    int group = o.heads() / o.keyValueHeads();
    for (int keyValueHead = 0; keyValueHead < o.keyValueHeads(); keyValueHead++) {
      long headBytes = (long) Float.BYTES * o.headSize();
      MemorySegment k = keys;
      MemorySegment v = values;
      long at = keyValueHead * headBytes;
      long stride = o.keyValueHeads() * headBytes;
      if (o.cache() == Element.FLOAT16) {
        int heads = o.keyValueHeads();
        k = widened(keys, o.cached(), heads, o.headSize(), keyValueHead, wideKeys);
        v = widened(values, o.cached(), heads, o.headSize(), keyValueHead, wideValues);
        at = 0;
        stride = headBytes;
      }
      for (int query = 0; query < o.queries(); query++) {
        int visible = o.mask().visible(query);
        for (int i = 0; i < group; i++) {
          long head = (long) query * o.heads() + (long) keyValueHead * group + i;
          one(o, visible, queries, head * headBytes, k, v, at, stride, results);
        }
      }
    }
  }

  void scores(AttentionScores o, MemorySegment queries, MemorySegment keys, MemorySegment results) {
    int group = o.heads() / o.keyValueHeads();
    for (int keyValueHead = 0; keyValueHead < o.keyValueHeads(); keyValueHead++) {
      long headBytes = (long) Float.BYTES * o.headSize();
      MemorySegment k = keys;
      long at = keyValueHead * headBytes;
      long stride = o.keyValueHeads() * headBytes;
      if (o.cache() == Element.FLOAT16) {
        k = widened(keys, o.cached(), o.keyValueHeads(), o.headSize(), keyValueHead, wideKeys);
        at = 0;
        stride = headBytes;
      }
      for (int query = 0; query < o.queries(); query++) {
        int visible = o.mask().visible(query);
        for (int i = 0; i < group; i++) {
          long head = (long) keyValueHead * group + i;
          long q = ((long) query * o.heads() + head) * headBytes;
          long to = Float.BYTES * (head * o.queries() + query) * o.cached();
          score(visible, queries, q, k, at, stride, o.headSize(), o.scale(), results, to);
          VectorRows.zero(results, to, visible, o.cached());
        }
      }
    }
  }

  /** A head of a cache in float32, one position after the other. */
  private MemorySegment widened(
      MemorySegment cache,
      int cached,
      int keyValueHeads,
      int headSize,
      int keyValueHead,
      Scratch scratch) {
    long headBytes = (long) Short.BYTES * headSize;
    MemorySegment wide = scratch.atLeast(2 * headBytes * cached);
    for (int j = 0; j < cached; j++) {
      long from = ((long) j * keyValueHeads + keyValueHead) * headBytes;
      halves.decode(cache, from, wide, 2 * headBytes * j, headSize);
    }
    return wide;
  }

  /** Scores of one query against {@code visible} keys, {@code stride} bytes apart. */
  private void score(
      int visible,
      MemorySegment queries,
      long query,
      MemorySegment keys,
      long at,
      long stride,
      int headSize,
      float scale,
      MemorySegment to,
      long toAt) {
    for (int j = 0; j < visible; j++) {
      lanes.fill((byte) 0);
      WideLanes.addProducts(queries, query, keys, at + j * stride, headSize, lanes, 0);
      Values.setF32At(to, toAt + 4L * j, WideLanes.total(lanes, 0) * scale);
    }
  }

  /** One query of one head over {@code visible} positions, {@code stride} bytes apart. */
  private void one(
      Attention o,
      int visible,
      MemorySegment queries,
      long query,
      MemorySegment keys,
      MemorySegment values,
      long at,
      long stride,
      MemorySegment results) {
    MemorySegment p = scores.atLeast((long) Float.BYTES * o.cached());
    score(visible, queries, query, keys, at, stride, o.headSize(), o.scale(), p, 0);
    float max = VectorRows.max(p, 0, visible);
    float sum = rows.exponentials(p, 0, max, visible, p, 0);
    int whole = FLOATS.loopBound(o.headSize());
    for (int i = 0; i < whole; i += FLOATS.length()) {
      weighVector(p, visible, values, at + 4L * i, stride, sum, classes, results, query + 4L * i);
    }
    for (int i = whole; i < o.headSize(); i++) {
      weigh(p, visible, values, at + 4L * i, stride, sum, results, query + 4L * i);
    }
  }

  /** Σ p_j·v_j over a vector of elements, in eight lanes j mod 8, divided by {@code sum}. */
  private static void weighVector(
      MemorySegment p,
      int visible,
      MemorySegment values,
      long at,
      long stride,
      float sum,
      MemorySegment classes,
      MemorySegment results,
      long to) {
    int v = FLOATS.vectorByteSize();
    addByClasses(p, visible & -CLASSES, values, at, stride, classes);
    for (int j = visible & -CLASSES; j < visible; j++) {
      long lane = (long) v * (j % CLASSES);
      FloatVector.fromMemorySegment(FLOATS, values, at + j * stride, LITTLE)
          .fma(
              FloatVector.broadcast(FLOATS, Values.f32(p, j)),
              FloatVector.fromMemorySegment(FLOATS, classes, lane, LITTLE))
          .intoMemorySegment(classes, lane, LITTLE);
    }
    for (int s = CLASSES / 2; s > 0; s /= 2) {
      for (int lane = 0; lane < s; lane++) {
        FloatVector.fromMemorySegment(FLOATS, classes, (long) v * lane, LITTLE)
            .add(FloatVector.fromMemorySegment(FLOATS, classes, (long) v * (lane + s), LITTLE))
            .intoMemorySegment(classes, (long) v * lane, LITTLE);
      }
    }
    FloatVector.fromMemorySegment(FLOATS, classes, 0, LITTLE)
        .div(sum)
        .intoMemorySegment(results, to, LITTLE);
  }

  private static void addByClasses(
      MemorySegment p,
      int visible,
      MemorySegment values,
      long at,
      long stride,
      MemorySegment classes) {
    FloatVector sum0 = FloatVector.zero(FLOATS);
    FloatVector sum1 = FloatVector.zero(FLOATS);
    FloatVector sum2 = FloatVector.zero(FLOATS);
    FloatVector sum3 = FloatVector.zero(FLOATS);
    FloatVector sum4 = FloatVector.zero(FLOATS);
    FloatVector sum5 = FloatVector.zero(FLOATS);
    FloatVector sum6 = FloatVector.zero(FLOATS);
    FloatVector sum7 = FloatVector.zero(FLOATS);
    for (int j = 0; j < visible; j += CLASSES) {
      long x = at + j * stride;
      sum0 =
          FloatVector.fromMemorySegment(FLOATS, values, x, LITTLE)
              .fma(FloatVector.broadcast(FLOATS, Values.f32(p, j)), sum0);
      sum1 =
          FloatVector.fromMemorySegment(FLOATS, values, x + stride, LITTLE)
              .fma(FloatVector.broadcast(FLOATS, Values.f32(p, j + 1)), sum1);
      sum2 =
          FloatVector.fromMemorySegment(FLOATS, values, x + 2 * stride, LITTLE)
              .fma(FloatVector.broadcast(FLOATS, Values.f32(p, j + 2)), sum2);
      sum3 =
          FloatVector.fromMemorySegment(FLOATS, values, x + 3 * stride, LITTLE)
              .fma(FloatVector.broadcast(FLOATS, Values.f32(p, j + 3)), sum3);
      sum4 =
          FloatVector.fromMemorySegment(FLOATS, values, x + 4 * stride, LITTLE)
              .fma(FloatVector.broadcast(FLOATS, Values.f32(p, j + 4)), sum4);
      sum5 =
          FloatVector.fromMemorySegment(FLOATS, values, x + 5 * stride, LITTLE)
              .fma(FloatVector.broadcast(FLOATS, Values.f32(p, j + 5)), sum5);
      sum6 =
          FloatVector.fromMemorySegment(FLOATS, values, x + 6 * stride, LITTLE)
              .fma(FloatVector.broadcast(FLOATS, Values.f32(p, j + 6)), sum6);
      sum7 =
          FloatVector.fromMemorySegment(FLOATS, values, x + 7 * stride, LITTLE)
              .fma(FloatVector.broadcast(FLOATS, Values.f32(p, j + 7)), sum7);
    }
    long v = FLOATS.vectorByteSize();
    sum0.intoMemorySegment(classes, 0, LITTLE);
    sum1.intoMemorySegment(classes, v, LITTLE);
    sum2.intoMemorySegment(classes, 2 * v, LITTLE);
    sum3.intoMemorySegment(classes, 3 * v, LITTLE);
    sum4.intoMemorySegment(classes, 4 * v, LITTLE);
    sum5.intoMemorySegment(classes, 5 * v, LITTLE);
    sum6.intoMemorySegment(classes, 6 * v, LITTLE);
    sum7.intoMemorySegment(classes, 7 * v, LITTLE);
  }

  /** One element that does not fill a vector; its classes are the first of the memory. */
  private void weigh(
      MemorySegment p,
      int visible,
      MemorySegment values,
      long at,
      long stride,
      float sum,
      MemorySegment results,
      long to) {
    for (int lane = 0; lane < CLASSES; lane++) {
      Values.setF32(classes, lane, 0);
    }
    for (int j = 0; j < visible; j++) {
      int lane = j % CLASSES;
      float term = Values.f32At(values, at + j * stride);
      Values.setF32(classes, lane, Math.fma(Values.f32(p, j), term, Values.f32(classes, lane)));
    }
    for (int s = CLASSES / 2; s > 0; s /= 2) {
      for (int lane = 0; lane < s; lane++) {
        Values.setF32(classes, lane, Values.f32(classes, lane) + Values.f32(classes, lane + s));
      }
    }
    Values.setF32At(results, to, Values.f32(classes, 0) / sum);
  }
}
