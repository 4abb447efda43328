// Products of a query's code with planes. A product of 15 by 127 and its neighbour's are at most 3,810, so that eight such
// sums fit 16 bits before they are widened.
#pragma once

#include "form.h"

INLINE __m256i add_plane_product(__m256i sum, __m256i plane, __m256i low, __m256i high) {
  const __m256i mask = _mm256_set1_epi8(15);
  sum = _mm256_add_epi16(sum, _mm256_maddubs_epi16(_mm256_and_si256(plane, mask), low));
  return _mm256_add_epi16(sum, _mm256_maddubs_epi16(_mm256_and_si256(_mm256_srli_epi16(plane, 4), mask), high));
}

INLINE __m256i widened(__m256i sum) { return _mm256_madd_epi16(sum, _mm256_set1_epi16(1)); }

INLINE __m256i load_code(const int8_t *code) { return _mm256_loadu_si256((const __m256i *)code); }

INLINE __m256i load_plane(const uint8_t *plane) { return _mm256_loadu_si256((const __m256i *)plane); }

INLINE int32_t sum_of_int32(__m256i x) {
  __m128i y = _mm_add_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
  y = _mm_add_epi32(y, _mm_shuffle_epi32(y, 0x4e));
  return _mm_cvtsi128_si32(_mm_add_epi32(y, _mm_shuffle_epi32(y, 0xb1)));
}

INLINE int32_t plane_product(const int8_t *code, const uint8_t *plane, size_t bytes) {
  __m256i sum = _mm256_setzero_si256();
  for (size_t i = 0; i < bytes; i += 64) {
    const int8_t *at = code + 2 * i;
    __m256i products = _mm256_setzero_si256();
    products = add_plane_product(products, load_plane(plane + i), load_code(at), load_code(at + 64));
    products = add_plane_product(products, load_plane(plane + i + 32), load_code(at + 32), load_code(at + 96));
    sum = _mm256_add_epi32(sum, widened(products));
  }
  return sum_of_int32(sum);
}

INLINE void plane_products(const int8_t *code, const uint8_t *const planes[4], size_t bytes, int32_t products[4]) {
  __m256i sums[4];
  for (int j = 0; j < 4; j++) sums[j] = _mm256_setzero_si256();
  for (size_t start = 0; start < bytes; start += 128) {
    __m256i parts[4];
    for (int j = 0; j < 4; j++) parts[j] = _mm256_setzero_si256();
    size_t end = start + 128 < bytes ? start + 128 : bytes;
    for (size_t i = start; i < end; i += 32) {
      const int8_t *at = code + i / 64 * 128 + i % 64;
      __m256i low = load_code(at), high = load_code(at + 64);
      for (int j = 0; j < 4; j++) parts[j] = add_plane_product(parts[j], load_plane(planes[j] + i), low, high);
    }
    for (int j = 0; j < 4; j++) sums[j] = _mm256_add_epi32(sums[j], widened(parts[j]));
  }
  __m256i pairs = _mm256_hadd_epi32(_mm256_hadd_epi32(sums[0], sums[1]), _mm256_hadd_epi32(sums[2], sums[3]));
  _mm_storeu_si128((__m128i *)products,
                   _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1)));
}

INLINE int32_t sum_of_positive(const int8_t *code, const uint8_t *signs, size_t stride) {
  // Eight steps add at most 8 * 2 * 127 to each of the sums of 16 bits.
  const __m256i ones = _mm256_set1_epi8(1), zero = _mm256_setzero_si256();
  __m256i sum = zero;
  size_t group = 0;
  for (; group + 32 <= stride / 8; group += 32) {
    __m256i bits = load_plane(signs + group), part = zero;
    for (int step = 0; step < 8; step++) {
      __m256i chosen = _mm256_blendv_epi8(zero, load_code(code + 8 * group + 32 * step), bits);
      part = _mm256_add_epi16(part, _mm256_maddubs_epi16(ones, chosen));
      bits = _mm256_add_epi8(bits, bits);
    }
    sum = _mm256_add_epi32(sum, widened(part));
  }
  if (group < stride / 8) {
    __m128i bits = _mm_loadu_si128((const __m128i *)(signs + group)), part = _mm_setzero_si128();
    for (int step = 0; step < 8; step++) {
      __m128i numbers = _mm_loadu_si128((const __m128i *)(code + 8 * group + 16 * step));
      __m128i chosen = _mm_blendv_epi8(_mm_setzero_si128(), numbers, bits);
      part = _mm_add_epi16(part, _mm_maddubs_epi16(_mm256_castsi256_si128(ones), chosen));
      bits = _mm_add_epi8(bits, bits);
    }
    sum = _mm256_add_epi32(sum, widened(_mm256_zextsi128_si256(part)));
  }
  return sum_of_int32(sum);
}
