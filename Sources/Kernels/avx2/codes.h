// Products of codes: the instruction wants one side without a sign, so the signs of one go over to the other. Two
// products of 127 by 127 fit 16 bits.
#pragma once

#include "form.h"

INLINE int32_t code_surplus(const int8_t *code, size_t stride) { return 0; }

INLINE __m256i add_code_products(__m256i sum, __m256i size, __m256i x, __m256i y) {
  __m256i pairs = _mm256_maddubs_epi16(size, _mm256_sign_epi8(y, x));
  return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

INLINE int32_t sum_of_lanes(__m256i x) {
  __m128i y = _mm_add_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
  y = _mm_add_epi32(y, _mm_shuffle_epi32(y, 0x4e));
  return _mm_cvtsi128_si32(_mm_add_epi32(y, _mm_shuffle_epi32(y, 0xb1)));
}

INLINE int32_t code_product(const int8_t *a, int32_t surplus, const int8_t *b, size_t stride) {
  __m256i sum = _mm256_setzero_si256();
  for (size_t i = 0; i < stride; i += 32) {
    __m256i x = _mm256_loadu_si256((const __m256i *)(a + i)), y = _mm256_loadu_si256((const __m256i *)(b + i));
    sum = add_code_products(sum, _mm256_abs_epi8(x), x, y);
  }
  return sum_of_lanes(sum);
}

INLINE void code_products(const int8_t *a, int32_t surplus, const int8_t *const b[4], size_t stride,
                          int32_t products[4]) {
  __m256i sums[4];
  for (int j = 0; j < 4; j++) sums[j] = _mm256_setzero_si256();
  for (size_t i = 0; i < stride; i += 32) {
    __m256i x = _mm256_loadu_si256((const __m256i *)(a + i)), size = _mm256_abs_epi8(x);
    for (int j = 0; j < 4; j++)
      sums[j] = add_code_products(sums[j], size, x, _mm256_loadu_si256((const __m256i *)(b[j] + i)));
  }
  for (int j = 0; j < 4; j++) products[j] = sum_of_lanes(sums[j]);
}
