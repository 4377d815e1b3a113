/*
 * What C reaches on the same data: fused products of Q4_K, Q6_K and Q8_0 rows with one vector of
 * quantised activations, on AVX-512 VNNI, with float accumulators that are reduced once a row.
 * Layouts are those of ggml: Q4_K 144 bytes, Q6_K 210 and Q8_K 292 for 256 elements, Q8_0 34 for 32.
 */
#include <immintrin.h>
#include <stdint.h>
#include <string.h>

static inline float half_at(const uint8_t *p) {
  uint16_t bits;
  memcpy(&bits, p, sizeof bits);
  return _cvtsh_ss(bits);
}

static inline float float_at(const uint8_t *p) {
  float value;
  memcpy(&value, p, sizeof value);
  return value;
}

/* The scales and minima of a block as sixteen bytes: eight of each. */
static inline __m128i six_bit_codes(const uint8_t *p) {
  uint32_t a, b, c;
  memcpy(&a, p, 4);
  memcpy(&b, p + 4, 4);
  memcpy(&c, p + 8, 4);
  const uint32_t six = 0x3f3f3f3f, four = 0x0f0f0f0f, two = 0x30303030;
  return _mm_setr_epi32((int)(a & six), (int)((c & four) | ((a >> 2) & two)), (int)(b & six),
                        (int)(((c >> 4) & four) | ((b >> 2) & two)));
}

void q4_k(const uint8_t *weights, const uint8_t *activations, float *results, int64_t rows,
          int64_t blocks) {
  const __m512i nibble = _mm512_set1_epi8(15);
  const __m512i pairs = _mm512_setr_epi32(0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 2, 2, 2, 2, 2, 2);
  for (int64_t row = 0; row < rows; row++) {
    __m512 sum = _mm512_setzero_ps();
    __m128 minima = _mm_setzero_ps();
    const uint8_t *w = weights + row * blocks * 144;
    const uint8_t *x = activations;
    for (int64_t i = 0; i < blocks; i++, w += 144, x += 292) {
      float scale = float_at(x);
      __m256i codes = _mm256_cvtepu8_epi16(six_bit_codes(w + 4));
      __m512i scales = _mm512_cvtepu16_epi32(_mm256_castsi128_si256(_mm256_castsi256_si128(codes)));
      __m256i sums = _mm256_loadu_si256((const __m256i *)(x + 260));
      __m128i by32 =
          _mm_hadd_epi16(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
      __m128i products = _mm_madd_epi16(_mm256_extracti128_si256(codes, 1), by32);
      minima = _mm_fmadd_ps(_mm_set1_ps(half_at(w + 2) * scale), _mm_cvtepi32_ps(products), minima);
      __m512i total = _mm512_setzero_si512();
      for (int half = 0; half < 2; half++) {
        __m512i q = _mm512_loadu_si512(w + 16 + 64 * half);
        __m512i low = _mm512_and_si512(q, nibble);
        __m512i high = _mm512_and_si512(_mm512_srli_epi16(q, 4), nibble);
        __m512i x0 = _mm512_loadu_si512(x + 4 + 128 * half);
        __m512i x1 = _mm512_loadu_si512(x + 68 + 128 * half);
        __m512i l = _mm512_dpbusd_epi32(_mm512_setzero_si512(), low,
                                        _mm512_shuffle_i64x2(x0, x1, 0x44));
        __m512i h = _mm512_dpbusd_epi32(_mm512_setzero_si512(), high,
                                        _mm512_shuffle_i64x2(x0, x1, 0xee));
        __m512i at = _mm512_add_epi32(pairs, _mm512_set1_epi32(4 * half));
        __m512i next = _mm512_add_epi32(at, _mm512_set1_epi32(1));
        total = _mm512_add_epi32(total,
                                 _mm512_mullo_epi32(l, _mm512_permutexvar_epi32(at, scales)));
        total = _mm512_add_epi32(total,
                                 _mm512_mullo_epi32(h, _mm512_permutexvar_epi32(next, scales)));
      }
      sum = _mm512_fmadd_ps(_mm512_set1_ps(half_at(w) * scale), _mm512_cvtepi32_ps(total), sum);
    }
    minima = _mm_add_ps(minima, _mm_movehl_ps(minima, minima));
    minima = _mm_add_ss(minima, _mm_movehdup_ps(minima));
    results[row] = _mm512_reduce_add_ps(sum) - _mm_cvtss_f32(minima);
  }
}

void q6_k(const uint8_t *weights, const uint8_t *activations, float *results, int64_t rows,
          int64_t blocks) {
  const __m512i nibble = _mm512_set1_epi8(15);
  const __m512i two = _mm512_set1_epi8(0x30);
  const __m512i by_four = _mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
  const __m512i shifts = _mm512_setr_epi64(0, 0, 0, 0, 2, 2, 2, 2);
  for (int64_t row = 0; row < rows; row++) {
    __m512 sum = _mm512_setzero_ps();
    const uint8_t *w = weights + row * blocks * 210;
    const uint8_t *x = activations;
    for (int64_t i = 0; i < blocks; i++, w += 210, x += 292) {
      __m128i codes = _mm_loadu_si128((const __m128i *)(w + 192));
      __m512i scales = _mm512_cvtepi8_epi32(codes);
      /* What subtracting 32 from every code takes away. */
      __m256i zeros = _mm256_madd_epi16(_mm256_loadu_si256((const __m256i *)(x + 260)),
                                        _mm256_cvtepi8_epi16(codes));
      __m512i total =
          _mm512_sub_epi32(_mm512_setzero_si512(),
                           _mm512_slli_epi32(_mm512_zextsi256_si512(zeros), 5));
      for (int half = 0; half < 2; half++) {
        __m512i q = _mm512_loadu_si512(w + 64 * half);
        __m512i upper = _mm512_broadcast_i64x4(
            _mm256_loadu_si256((const __m256i *)(w + 128 + 32 * half)));
        upper = _mm512_srlv_epi64(upper, shifts);
        __m512i low = _mm512_or_si512(_mm512_and_si512(q, nibble),
                                      _mm512_and_si512(_mm512_slli_epi64(upper, 4), two));
        __m512i high = _mm512_or_si512(_mm512_and_si512(_mm512_srli_epi16(q, 4), nibble),
                                       _mm512_and_si512(upper, two));
        __m512i l = _mm512_dpbusd_epi32(_mm512_setzero_si512(), low,
                                        _mm512_loadu_si512(x + 4 + 128 * half));
        __m512i h = _mm512_dpbusd_epi32(_mm512_setzero_si512(), high,
                                        _mm512_loadu_si512(x + 68 + 128 * half));
        __m512i at = _mm512_add_epi32(by_four, _mm512_set1_epi32(8 * half));
        __m512i next = _mm512_add_epi32(at, _mm512_set1_epi32(4));
        total = _mm512_add_epi32(total,
                                 _mm512_mullo_epi32(l, _mm512_permutexvar_epi32(at, scales)));
        total = _mm512_add_epi32(total,
                                 _mm512_mullo_epi32(h, _mm512_permutexvar_epi32(next, scales)));
      }
      sum = _mm512_fmadd_ps(_mm512_set1_ps(half_at(w + 208) * float_at(x)),
                            _mm512_cvtepi32_ps(total), sum);
    }
    results[row] = _mm512_reduce_add_ps(sum);
  }
}

void q8_0(const uint8_t *weights, const uint8_t *activations, float *results, int64_t rows,
          int64_t blocks) {
  for (int64_t row = 0; row < rows; row++) {
    __m256 sum = _mm256_setzero_ps();
    const uint8_t *w = weights + row * blocks * 34;
    const uint8_t *x = activations;
    for (int64_t i = 0; i < blocks; i++, w += 34, x += 34) {
      __m256i a = _mm256_loadu_si256((const __m256i *)(w + 2));
      __m256i b = _mm256_loadu_si256((const __m256i *)(x + 2));
      __m256i products = _mm256_dpbusd_epi32(_mm256_setzero_si256(), _mm256_abs_epi8(a),
                                             _mm256_sign_epi8(b, a));
      sum = _mm256_fmadd_ps(_mm256_set1_ps(half_at(w) * half_at(x)), _mm256_cvtepi32_ps(products),
                            sum);
    }
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(sum), _mm256_extractf128_ps(sum, 1));
    four = _mm_add_ps(four, _mm_movehl_ps(four, four));
    results[row] = _mm_cvtss_f32(_mm_add_ss(four, _mm_movehdup_ps(four)));
  }
}
