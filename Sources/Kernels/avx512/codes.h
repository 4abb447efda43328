// Products of codes: the instruction wants one side without a sign, so that one is 128 too large, and the product by 128
// times the sum of the other: its surplus.
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

INLINE int32_t code_surplus(const int8_t *code, size_t stride) {
  const __m512i sign = _mm512_set1_epi8((char)0x80);
  __m512i sum = _mm512_setzero_si512();
  for (size_t i = 0; i < stride; i += 64) sum = _mm512_dpbusd_epi32(sum, sign, _mm512_loadu_si512(code + i));
  return sum_of_lanes(sum);
}

INLINE int32_t code_product(const int8_t *a, int32_t surplus, const int8_t *b, size_t stride) {
  const __m512i sign = _mm512_set1_epi8((char)0x80);
  __m512i sum = _mm512_setzero_si512();
  for (size_t i = 0; i < stride; i += 64)
    sum = _mm512_dpbusd_epi32(sum, _mm512_xor_si512(_mm512_loadu_si512(b + i), sign), _mm512_loadu_si512(a + i));
  return sum_of_lanes(sum) - surplus;
}

INLINE void code_products(const int8_t *a, int32_t surplus, const int8_t *const b[4], size_t stride,
                          int32_t products[4]) {
  const __m512i sign = _mm512_set1_epi8((char)0x80);
  __m512i sums[4];
  for (int j = 0; j < 4; j++) sums[j] = _mm512_setzero_si512();
  for (size_t i = 0; i < stride; i += 64) {
    __m512i x = _mm512_loadu_si512(a + i);
    for (int j = 0; j < 4; j++)
      sums[j] = _mm512_dpbusd_epi32(sums[j], _mm512_xor_si512(_mm512_loadu_si512(b[j] + i), sign), x);
  }
  _mm_storeu_si128((__m128i *)products, _mm_sub_epi32(sums_of_lanes(sums), _mm_set1_epi32(surplus)));
}
