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

INLINE int32_t sum_of_positive(const int8_t *code, const uint8_t *signs, size_t stride) {
  const __m256i ones = _mm256_set1_epi8(1);
  __m256i sum = _mm256_setzero_si256();
  size_t group = 0;
  for (; group + 32 <= stride / 8; group += 32) {
    __m256i bits = _mm256_loadu_si256((const __m256i *)(signs + group));
    for (int step = 0; step < 8; step++) {
      __m256i numbers = _mm256_loadu_si256((const __m256i *)(code + 8 * group + 32 * step));
      sum = _mm256_dpbusd_epi32(sum, ones, _mm256_maskz_mov_epi8(_mm256_movepi8_mask(bits), numbers));
      bits = _mm256_add_epi8(bits, bits);
    }
  }
  if (group < stride / 8) {
    __m128i bits = _mm_loadu_si128((const __m128i *)(signs + group));
    for (int step = 0; step < 8; step++) {
      __m128i numbers = _mm_loadu_si128((const __m128i *)(code + 8 * group + 16 * step));
      __m128i chosen = _mm_maskz_mov_epi8(_mm_movepi8_mask(bits), numbers);
      sum = _mm256_dpbusd_epi32(sum, ones, _mm256_zextsi128_si256(chosen));
      bits = _mm_add_epi8(bits, bits);
    }
  }
  return sum_of_lanes(_mm512_inserti64x4(_mm512_setzero_si512(), sum, 0));
}
