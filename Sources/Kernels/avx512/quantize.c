// Activations in 8 bits, as portable/quantize.c does it, 16 at a time.
#include "form.h"

#ifdef MARTLET_FORM_COMPILES

INLINE float through_half(float value) { return _cvtsh_ss(_cvtss_sh(value, _MM_FROUND_TO_NEAREST_INT)); }

INLINE float largest_of(__m512 values) {
  __m256 half = _mm256_max_ps(_mm512_castps512_ps256(values), _mm512_extractf32x8_ps(values, 1));
  __m128 quarter = _mm_max_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
  quarter = _mm_max_ps(quarter, _mm_movehl_ps(quarter, quarter));
  quarter = _mm_max_ss(quarter, _mm_shuffle_ps(quarter, quarter, 1));
  return _mm_cvtss_f32(quarter);
}

INLINE int sum_of(__m512i values) {
  __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(values), _mm512_extracti64x4_epi64(values, 1));
  __m128i quarter = _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
  quarter = _mm_add_epi32(quarter, _mm_shuffle_epi32(quarter, 0x4e));
  quarter = _mm_add_epi32(quarter, _mm_shuffle_epi32(quarter, 0xb1));
  return _mm_cvtsi128_si32(quarter);
}

TARGET void FORM(quantize_blocks)(const float *values, size_t columns, int8_t *quantized, float *scales,
                                  int16_t *sums, float *totals) {
  for (size_t c = 0; c < columns; c += 32) {
    __m512 a = _mm512_loadu_ps(values + c), b = _mm512_loadu_ps(values + c + 16);
    float largest = largest_of(_mm512_max_ps(_mm512_abs_ps(a), _mm512_abs_ps(b)));
    __m512 inverse = _mm512_set1_ps(largest > 0 ? 127 / largest : 0);
    __m512i qa = _mm512_cvtps_epi32(_mm512_mul_ps(a, inverse)), qb = _mm512_cvtps_epi32(_mm512_mul_ps(b, inverse));
    _mm_storeu_si128((__m128i *)(void *)(quantized + c), _mm512_cvtepi32_epi8(qa));
    _mm_storeu_si128((__m128i *)(void *)(quantized + c + 16), _mm512_cvtepi32_epi8(qb));
    float scale = largest / 127;
    scales[c / 32] = through_half(scale);
    sums[c / 16] = (int16_t)sum_of(qa);
    sums[c / 16 + 1] = (int16_t)sum_of(qb);
    totals[c / 32] = through_half(scale * (float)(sums[c / 16] + sums[c / 16 + 1]));
  }
}

TARGET void FORM(quantize_row)(const float *values, size_t columns, int8_t *quantized, float *scales, int16_t *sums) {
  enum { GROUP = MARTLET_ROW_GROUP_COLUMNS, PARTS = GROUP / 16 };
  size_t whole = columns / GROUP * GROUP;
  for (size_t c = 0; c < whole; c += GROUP) {
    __m512 parts[PARTS], most = _mm512_setzero_ps();
    for (int i = 0; i < PARTS; i++) {
      parts[i] = _mm512_loadu_ps(values + c + 16 * i);
      most = _mm512_max_ps(most, _mm512_abs_ps(parts[i]));
    }
    float largest = largest_of(most);
    __m512 inverse = _mm512_set1_ps(largest > 0 ? 127 / largest : 0);
    __m512i sum = _mm512_setzero_si512();
    for (int i = 0; i < PARTS; i++) {
      __m512i q = _mm512_cvtps_epi32(_mm512_mul_ps(parts[i], inverse));
      sum = _mm512_add_epi32(sum, q);
      _mm_storeu_si128((__m128i *)(void *)(quantized + c + 16 * i), _mm512_cvtepi32_epi8(q));
    }
    scales[c / GROUP] = largest / 127;
    sums[c / GROUP] = (int16_t)sum_of(sum);
  }
  if (whole < columns)
    martlet_portable_quantize_row(values + whole, columns - whole, quantized + whole, scales + whole / GROUP,
                                  sums + whole / GROUP);
}

#endif
