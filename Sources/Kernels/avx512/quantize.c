// Activations in 8 bits, as portable/quantize.c does it, 16 at a time.
#include "../quantize.h"
#include "form.h"

#ifdef MARTLET_FORM_COMPILES

INLINE float through_half(float value) { return _cvtsh_ss(_cvtss_sh(value, _MM_FROUND_TO_NEAREST_INT)); }

// The bits of |x|: as whole numbers they are in the floats' order, and a NaN is above all.
INLINE __m512i magnitude(__m512 values) {
  return _mm512_and_si512(_mm512_castps_si512(values), _mm512_set1_epi32(0x7fffffff));
}

INLINE float largest_of(__m512i magnitudes) {
  __m256i half = _mm256_max_epi32(_mm512_castsi512_si256(magnitudes), _mm512_extracti64x4_epi64(magnitudes, 1));
  __m128i quarter = _mm_max_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
  quarter = _mm_max_epi32(quarter, _mm_shuffle_epi32(quarter, 0x4e));
  quarter = _mm_max_epi32(quarter, _mm_shuffle_epi32(quarter, 0xb1));
  return martlet_float((uint32_t)_mm_cvtsi128_si32(quarter));
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
    float largest = largest_of(_mm512_max_epi32(magnitude(a), magnitude(b)));
    __m512 inverse = _mm512_set1_ps(martlet_inverse(largest, 127));
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

// The 64 columns that share a scale; the scale and the sum.
INLINE float round_group(const float *values, int8_t *quantized, int16_t *sum) {
  enum { PARTS = MARTLET_ROW_GROUP_COLUMNS / 16 };
  __m512 parts[PARTS];
  __m512i most = _mm512_setzero_si512(), total = _mm512_setzero_si512();
  for (int i = 0; i < PARTS; i++) {
    parts[i] = _mm512_loadu_ps(values + 16 * i);
    most = _mm512_max_epi32(most, magnitude(parts[i]));
  }
  float largest = largest_of(most);
  __m512 inverse = _mm512_set1_ps(martlet_inverse(largest, 127));
  for (int i = 0; i < PARTS; i++) {
    __m512i q = _mm512_cvtps_epi32(_mm512_mul_ps(parts[i], inverse));
    total = _mm512_add_epi32(total, q);
    _mm_storeu_si128((__m128i *)(void *)(quantized + 16 * i), _mm512_cvtepi32_epi8(q));
  }
  *sum = (int16_t)sum_of(total);
  return largest / 127;
}

TARGET void FORM(quantize_row)(const float *values, size_t columns, int8_t *quantized, float *scales, int16_t *sums) {
  enum { GROUP = MARTLET_ROW_GROUP_COLUMNS };
  size_t whole = columns / GROUP * GROUP, left = columns - whole;
  for (size_t c = 0; c < whole; c += GROUP)
    scales[c / GROUP] = round_group(values + c, quantized + c, &sums[c / GROUP]);
  if (left == 0) return;
  float last[GROUP] = {0};
  int8_t rounded[GROUP];
  memcpy(last, values + whole, left * sizeof(float));
  scales[whole / GROUP] = round_group(last, rounded, &sums[whole / GROUP]);
  memcpy(quantized + whole, rounded, left);
}

#endif
