package dev.witnessmark.kernels.host;

import dev.witnessmark.kernels.numerics.FloatLanes;
import dev.witnessmark.kernels.numerics.Numerics;
import dev.witnessmark.kernels.operation.Attention;
import dev.witnessmark.kernels.operation.AttentionScores;
import dev.witnessmark.kernels.operation.Element;
import java.lang.foreign.MemorySegment;

/** Attention, one query and one head at a time. */
final class ScalarAttention {

  private ScalarAttention() {}

  static void run(
      Attention o,
      MemorySegment queries,
      MemorySegment keys,
      MemorySegment values,
      MemorySegment results) {
    float[] p = new float[o.cached()];
    for (int query = 0; query < o.queries(); query++) {
      int visible = o.mask().visible(query);
      for (int head = 0; head < o.heads(); head++) {
        long q = ((long) query * o.heads() + head) * o.headSize();
        int keyValueHead = (int) ((long) head * o.keyValueHeads() / o.heads());
        one(o, queries, keys, values, results, p, q, visible, keyValueHead);
      }
    }
  }

  static void scores(
      AttentionScores o, MemorySegment queries, MemorySegment keys, MemorySegment scores) {
    FloatLanes lanes = FloatLanes.of256();
    for (int query = 0; query < o.queries(); query++) {
      int visible = o.mask().visible(query);
      for (int head = 0; head < o.heads(); head++) {
        long q = ((long) query * o.heads() + head) * o.headSize();
        int keyValueHead = (int) ((long) head * o.keyValueHeads() / o.heads());
        long to = ((long) head * o.queries() + query) * o.cached();
        for (int j = 0; j < o.cached(); j++) {
          long k = ((long) j * o.keyValueHeads() + keyValueHead) * o.headSize();
          float score =
              j < visible
                  ? dot(queries, q, keys, k, o.headSize(), o.cache(), lanes) * o.scale()
                  : 0;
          Values.setF32(scores, to + j, score);
        }
      }
    }
  }

  private static void one(
      Attention o,
      MemorySegment queries,
      MemorySegment keys,
      MemorySegment values,
      MemorySegment results,
      float[] p,
      long q,
      int visible,
      int keyValueHead) {
    FloatLanes wide = FloatLanes.of256();
    float scale = o.scale();
    float max = Float.NEGATIVE_INFINITY;
    for (int j = 0; j < visible; j++) {
      long k = ((long) j * o.keyValueHeads() + keyValueHead) * o.headSize();
      p[j] = dot(queries, q, keys, k, o.headSize(), o.cache(), wide) * scale;
      max = Numerics.max(max, p[j]);
    }
    wide.clear();
    for (int j = 0; j < visible; j++) {
      p[j] = Numerics.exp(p[j] - max);
      wide.add(j, p[j]);
    }
    float sum = wide.total();
    FloatLanes lanes = FloatLanes.of8();
    for (int i = 0; i < o.headSize(); i++) {
      lanes.clear();
      for (int j = 0; j < visible; j++) {
        long v = ((long) j * o.keyValueHeads() + keyValueHead) * o.headSize();
        lanes.addProduct(j, p[j], cached(o.cache(), values, v + i));
      }
      Values.setF32(results, q + i, lanes.total() / sum);
    }
  }

  /** dot256 of a query and a key. */
  private static float dot(
      MemorySegment queries,
      long q,
      MemorySegment keys,
      long k,
      int headSize,
      Element cache,
      FloatLanes lanes) {
    lanes.clear();
    for (int i = 0; i < headSize; i++) {
      lanes.addProduct(i, Values.f32(queries, q + i), cached(cache, keys, k + i));
    }
    return lanes.total();
  }

  private static float cached(Element type, MemorySegment cache, long i) {
    return type == Element.FLOAT16 ? Values.f16(cache, i) : Values.f32(cache, i);
  }
}
