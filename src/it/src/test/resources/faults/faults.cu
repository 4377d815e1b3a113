/*
 * Kernels that someone might have written, each with one mistake. Where they have none they follow
 * the numerics contract, so that a bit that differs is the mistake's.
 */

#include "../../../../../../cuda/include/numerics.cuh"

/** Float16 as bits to float32. */
__device__ inline float half_at(const byte* at) {
  return half_to_float(*(const unsigned short*)at);
}

__device__ inline void scale_and_minimum(const byte* s, int j, int* scale, int* minimum) {
  if (j < 4) {
    *scale = s[j] & 63;
    *minimum = s[j + 4] & 63;
  } else {
    *scale = (s[j + 4] & 15) | ((s[j - 4] >> 6) << 4);
    *minimum = (s[j + 4] >> 4) | ((s[j] >> 6) << 4);
  }
}

/** One row times one vector, as the contract has it. */
template <bool PAIRED_WRONGLY, bool NIBBLES_SWAPPED>
__device__ inline float product(const byte* row, const byte* x, int blocks) {
  float lanes[8] = {0, 0, 0, 0, 0, 0, 0, 0};
  for (int b = 0; b < blocks; b++, row += 144, x += 292) {
    const signed char* q = (const signed char*)(x + 4);
    const short* sums = (const short*)(x + 260);
    int isum = 0;
    int msum = 0;
    for (int j = 0; j < 8; j++) {
      int scale;
      int minimum;
      int unused;
      scale_and_minimum(row + 4, j, &scale, &minimum);
      if (PAIRED_WRONGLY) scale_and_minimum(row + 4, j ^ 1, &scale, &unused);
      int dot = 0;
      for (int i = 0; i < 32; i++) {
        byte codes = row[16 + j / 2 * 32 + i];
        bool high = (j % 2 == 1) != NIBBLES_SWAPPED;
        dot += (high ? codes >> 4 : codes & 15) * q[32 * j + i];
      }
      isum += scale * dot;
      msum += minimum * (sums[2 * j] + sums[2 * j + 1]);
    }
    float d = *(const float*)x;
    float u = __fmul_rn(half_at(row), d);
    float v = __fmul_rn(half_at(row + 2), d);
    float term = __fmaf_rn(u, (float)isum, -__fmul_rn(v, (float)msum));
    lanes[b % 8] = __fadd_rn(lanes[b % 8], term);
  }
  for (int s = 4; s > 0; s /= 2) {
    for (int l = 0; l < s; l++) lanes[l] = __fadd_rn(lanes[l], lanes[l + s]);
  }
  return lanes[0];
}

template <bool PAIRED_WRONGLY, bool NIBBLES_SWAPPED>
__device__ inline void products(
    const byte* weights, const byte* activations, float* results, int rows, int columns,
    int batch) {
  int blocks = columns / 256;
  // Blocks along y share the vectors.
  for (int vector = blockIdx.y; vector < batch; vector += gridDim.y) {
    for (long long row = grid_thread(); row < rows; row += grid_threads()) {
      results[(long long)vector * rows + row] = product<PAIRED_WRONGLY, NIBBLES_SWAPPED>(
          weights + row * blocks * 144, activations + (long long)vector * blocks * 292, blocks);
    }
  }
}

extern "C" __global__ void right(
    const byte* weights, const byte* activations, float* results, int rows, int columns,
    int batch) {
  products<false, false>(weights, activations, results, rows, columns, batch);
}
EMULATED_KERNEL(right);

extern "C" __global__ void scales_paired_wrongly(
    const byte* weights, const byte* activations, float* results, int rows, int columns,
    int batch) {
  products<true, false>(weights, activations, results, rows, columns, batch);
}
EMULATED_KERNEL(scales_paired_wrongly);

extern "C" __global__ void nibbles_swapped(
    const byte* weights, const byte* activations, float* results, int rows, int columns,
    int batch) {
  products<false, true>(weights, activations, results, rows, columns, batch);
}
EMULATED_KERNEL(nibbles_swapped);

/** Turns every position but the first as if it were the one before. */
extern "C" __global__ void rotary_off_by_one(
    const float* activations, const float* table, float* results, int positions, int heads,
    int head_size, int rotated) {
  int pairs = rotated / 2;
  long long total = (long long)positions * heads * pairs;
  for (long long at = grid_thread(); at < total; at += grid_threads()) {
    int pair = (int)(at % pairs);
    long long head = at / pairs;
    long long position = head / heads;
    float2 turn = ((const float2*)table)[(position > 0 ? position - 1 : 0) * pairs + pair];
    const float* x = activations + head * head_size;
    float x0 = x[pair];
    float x1 = x[pair + pairs];
    results[head * head_size + pair] = __fmaf_rn(x0, turn.x, -__fmul_rn(x1, turn.y));
    results[head * head_size + pair + pairs] = __fmaf_rn(x0, turn.y, __fmul_rn(x1, turn.x));
  }
}
EMULATED_KERNEL(rotary_off_by_one);

/** The exponential function to a few digits. */
extern "C" __global__ void fast_exp(
    const float* gate, const float* up, float* results, long long elements) {
  for (long long i = grid_thread(); i < elements; i += grid_threads()) {
    float turns = -gate[i] * 1.44269504f;
    float n = rintf(turns);
    float r = (turns - n) * 0.69314718f;
    float e = ldexpf(1 + r * (1 + r * (0.5f + r * 0.16666667f)), (int)n);
    results[i] = gate[i] / (1 + e) * up[i];
  }
}
EMULATED_KERNEL(fast_exp);

/** Attention that follows no order in particular, without its last head or with a stale key. */
template <bool HEAD_MISSING, bool KEY_STALE>
__device__ inline void attend(
    const float* queries, const float* keys, const float* values, float* results, int asked,
    int heads, int kv_heads, int head_size, int cached, float scale) {
  for (long long row = grid_thread(); row < (long long)asked * heads; row += grid_threads()) {
    int head = (int)(row % heads);
    int query = (int)(row / heads);
    int kv = head / (heads / kv_heads);
    int visible = cached - asked + query + 1;
    const float* q = queries + row * head_size;
    float* out = results + row * head_size;
    for (int i = 0; i < head_size; i++) out[i] = 0;
    if (HEAD_MISSING && head == heads - 1) continue;
    float largest = -1e30f;
    for (int pass = 0; pass < 2; pass++) {
      float sum = 0;
      for (int j = 0; j < visible; j++) {
        int at = KEY_STALE && asked == 1 && j == visible - 1 && j > 0 ? j - 1 : j;
        const float* k = keys + ((long long)at * kv_heads + kv) * head_size;
        float score = 0;
        for (int i = 0; i < head_size; i++) score += q[i] * k[i];
        score *= scale;
        if (pass == 0) {
          largest = fmaxf(largest, score);
        } else {
          float p = canonical_exp(score - largest);
          sum += p;
          const float* v = values + ((long long)j * kv_heads + kv) * head_size;
          for (int i = 0; i < head_size; i++) out[i] += p * v[i];
        }
      }
      if (pass == 1) {
        for (int i = 0; i < head_size; i++) out[i] /= sum;
      }
    }
  }
}

extern "C" __global__ void any_order(
    const float* queries, const float* keys, const float* values, float* results, int asked,
    int heads, int kv_heads, int head_size, int cached, float scale) {
  attend<false, false>(
      queries, keys, values, results, asked, heads, kv_heads, head_size, cached, scale);
}
EMULATED_KERNEL(any_order);

extern "C" __global__ void head_missing(
    const float* queries, const float* keys, const float* values, float* results, int asked,
    int heads, int kv_heads, int head_size, int cached, float scale) {
  attend<true, false>(
      queries, keys, values, results, asked, heads, kv_heads, head_size, cached, scale);
}
EMULATED_KERNEL(head_missing);

extern "C" __global__ void key_stale(
    const float* queries, const float* keys, const float* values, float* results, int asked,
    int heads, int kv_heads, int head_size, int cached, float scale) {
  attend<false, true>(
      queries, keys, values, results, asked, heads, kv_heads, head_size, cached, scale);
}
EMULATED_KERNEL(key_stale);

/** Launches so far. On a GPU a race; here every twentieth launch reads before the other has written. */
__device__ int launches = 0;

extern "C" __global__ void race(const float* a, const float* b, float* results, long long n) {
  bool late = false;
  if (grid_thread() == 0) late = ++launches % 20 == 0;
  for (long long i = grid_thread(); i < n; i += grid_threads()) {
    results[i] = late ? a[i] : __fadd_rn(a[i], b[i]);
  }
}
EMULATED_KERNEL(race);
