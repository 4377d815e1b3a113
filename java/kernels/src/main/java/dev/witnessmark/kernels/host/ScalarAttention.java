package dev.witnessmark.kernels.host;

import dev.witnessmark.kernels.numerics.FloatLanes;
import dev.witnessmark.kernels.numerics.Numerics;
import dev.witnessmark.kernels.operation.Attention;
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
      int visible = o.cached() - o.queries() + query + 1;
      for (int head = 0; head < o.heads(); head++) {
        long q = ((long) query * o.heads() + head) * o.headSize();
        int keyValueHead = (int) ((long) head * o.keyValueHeads() / o.heads());
        one(o, queries, keys, values, results, p, q, visible, keyValueHead);
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
      wide.clear();
      for (int i = 0; i < o.headSize(); i++) {
        wide.addProduct(i, Values.f32(queries, q + i), cached(o, keys, k + i));
      }
      p[j] = wide.total() * scale;
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
        lanes.addProduct(j, p[j], cached(o, values, v + i));
      }
      Values.setF32(results, q + i, lanes.total() / sum);
    }
  }

  private static float cached(Attention o, MemorySegment cache, long i) {
    return o.cache() == Element.FLOAT16 ? Values.f16(cache, i) : Values.f32(cache, i);
  }
}
