// Products of a query's code with planes: 128 numbers in two instructions.
#pragma once

#include "form.h"

INLINE int32_t sum_of_lanes(__m512i x) {
  __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(x), _mm512_extracti64x4_epi64(x, 1));
  __m128i y = _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
  y = _mm_add_epi32(y, _mm_shuffle_epi32(y, 0x4e));
  return _mm_cvtsi128_si32(_mm_add_epi32(y, _mm_shuffle_epi32(y, 0xb1)));
}

// The sums of four vectors, in a quarter of the shuffles.
INLINE __m128i sums_of_lanes(const __m512i x[4]) {
  __m512i a = _mm512_add_epi32(_mm512_unpacklo_epi32(x[0], x[1]), _mm512_unpackhi_epi32(x[0], x[1]));
  __m512i b = _mm512_add_epi32(_mm512_unpacklo_epi32(x[2], x[3]), _mm512_unpackhi_epi32(x[2], x[3]));
  __m512i c = _mm512_add_epi32(_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b));
  __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(c), _mm512_extracti64x4_epi64(c, 1));
  return _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
}

INLINE __m512i add_plane_product(__m512i sum, __m512i plane, __m512i low, __m512i high) {
  const __m512i mask = _mm512_set1_epi8(15);
  sum = _mm512_dpbusd_epi32(sum, _mm512_and_si512(plane, mask), low);
  return _mm512_dpbusd_epi32(sum, _mm512_and_si512(_mm512_srli_epi16(plane, 4), mask), high);
}

INLINE int32_t plane_product(const int8_t *code, const uint8_t *plane, size_t bytes) {
  __m512i sum = _mm512_setzero_si512();
  for (size_t i = 0; i < bytes; i += 64)
    sum = add_plane_product(sum, _mm512_loadu_si512(plane + i), _mm512_loadu_si512(code + 2 * i),
                            _mm512_loadu_si512(code + 2 * i + 64));
  return sum_of_lanes(sum);
}

INLINE void plane_products(const int8_t *code, const uint8_t *const planes[4], size_t bytes, int32_t products[4]) {
  __m512i sums[4];
  for (int j = 0; j < 4; j++) sums[j] = _mm512_setzero_si512();
  for (size_t i = 0; i < bytes; i += 64) {
    __m512i low = _mm512_loadu_si512(code + 2 * i), high = _mm512_loadu_si512(code + 2 * i + 64);
    for (int j = 0; j < 4; j++) sums[j] = add_plane_product(sums[j], _mm512_loadu_si512(planes[j] + i), low, high);
  }
  _mm_storeu_si128((__m128i *)products, sums_of_lanes(sums));
}
