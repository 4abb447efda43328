// AVX2 and AVX-512. What SIMDe 0.7.4 lacks of them is made up for here, an element at a time.
#pragma once

#include "emulation.h"
#ifdef MARTLET_EMULATED

// A name that newer compilers' own headers give to another type.
#if defined(__SSE2__)
#include <emmintrin.h>
#endif
#define __m128bh emulated_m128bh
#include <simde/x86/avx512.h>
#include <simde/x86/f16c.h>
#include <simde/x86/fma.h>
#undef __m128bh

#include <math.h>
#include <string.h>

#include "../../Sources/Kernels/scalar.h"

typedef struct emulated_floats { float at[16]; } emulated_floats;
typedef struct emulated_words { int32_t at[16]; } emulated_words;

static inline emulated_floats floats_of(__m512 a) {
  emulated_floats floats;
  memcpy(&floats, &a, sizeof floats);
  return floats;
}
static inline __m512 vector_of(emulated_floats floats) {
  __m512 a;
  memcpy(&a, &floats, sizeof a);
  return a;
}
static inline emulated_words words_of(__m512i a) {
  emulated_words words;
  memcpy(&words, &a, sizeof words);
  return words;
}

#ifndef _CMP_GT_OQ
#define _CMP_GT_OQ SIMDE_CMP_GT_OQ
#define _CMP_NLT_UQ SIMDE_CMP_NLT_UQ
#endif
typedef simde__mmask16 __mmask16;

// SIMDe wants these shifts' distances as literals.
#define EMULATED_SHIFT(name, vector, bytes, operator)                          \
  static inline vector emulated_##name(vector a, unsigned distance) {          \
    uint16_t halves[bytes / 2];                                                \
    memcpy(halves, &a, bytes);                                                 \
    for (int i = 0; i < bytes / 2; i++) halves[i] = (uint16_t)(halves[i] operator distance); \
    memcpy(&a, halves, bytes);                                                 \
    return a;                                                                  \
  }
EMULATED_SHIFT(shift_left_512, __m512i, 64, <<)
EMULATED_SHIFT(shift_right_512, __m512i, 64, >>)
EMULATED_SHIFT(shift_left_256, __m256i, 32, <<)
EMULATED_SHIFT(shift_right_256, __m256i, 32, >>)
#undef _mm512_slli_epi16
#define _mm512_slli_epi16 emulated_shift_left_512
#undef _mm512_srli_epi16
#define _mm512_srli_epi16 emulated_shift_right_512
#undef _mm256_slli_epi16
#define _mm256_slli_epi16 emulated_shift_left_256
#undef _mm256_srli_epi16
#define _mm256_srli_epi16 emulated_shift_right_256

// Loads and stores by parts touch nothing beyond the part.
static inline __m512 _mm512_maskz_loadu_ps(__mmask16 mask, const float *p) {
  emulated_floats result = {{0}};
  for (int i = 0; i < 16; i++)
    if (mask >> i & 1) result.at[i] = p[i];
  return vector_of(result);
}
static inline void _mm512_mask_storeu_ps(float *p, __mmask16 mask, __m512 a) {
  emulated_floats floats = floats_of(a);
  for (int i = 0; i < 16; i++)
    if (mask >> i & 1) p[i] = floats.at[i];
}
#undef _mm256_maskload_ps
static inline __m256 _mm256_maskload_ps(const float *p, __m256i mask) {
  float result[8] = {0};
  int32_t lanes[8];
  memcpy(lanes, &mask, sizeof lanes);
  for (int i = 0; i < 8; i++)
    if (lanes[i] < 0) result[i] = p[i];
  return _mm256_loadu_ps(result);
}
#undef _mm256_maskstore_ps
static inline void _mm256_maskstore_ps(float *p, __m256i mask, __m256 a) {
  float floats[8];
  int32_t lanes[8];
  memcpy(lanes, &mask, sizeof lanes);
  _mm256_storeu_ps(floats, a);
  for (int i = 0; i < 8; i++)
    if (lanes[i] < 0) p[i] = floats[i];
}

// Quarters: two of a, then two of b.
static inline __m512 _mm512_shuffle_f32x4(__m512 a, __m512 b, int which) {
  emulated_floats x = floats_of(a), y = floats_of(b), result;
  for (int quarter = 0; quarter < 4; quarter++) {
    const float *from = (quarter < 2 ? x.at : y.at) + 4 * (which >> 2 * quarter & 3);
    memcpy(result.at + 4 * quarter, from, 4 * sizeof *from);
  }
  return vector_of(result);
}

// The processors promise 14 bits of a reciprocal, or 12: no more are given, so that what refines them is tried, too.
static inline float rough(float value, int bits) { return martlet_float(martlet_bits(value) >> (24 - bits) << (24 - bits)); }
static inline __m512 _mm512_rcp14_ps(__m512 a) {
  emulated_floats x = floats_of(a);
  for (int i = 0; i < 16; i++) x.at[i] = rough(1 / x.at[i], 15);
  return vector_of(x);
}
#undef _mm256_rcp_ps
static inline __m256 _mm256_rcp_ps(__m256 a) {
  float x[8];
  _mm256_storeu_ps(x, a);
  for (int i = 0; i < 8; i++) x[i] = rough(1 / x[i], 13);
  return _mm256_loadu_ps(x);
}

// To whole numbers, to nearest even; what does not fit becomes the least of all, as the processors have it.
static inline __m512i _mm512_cvtps_epi32(__m512 a) {
  emulated_floats x = floats_of(a);
  emulated_words result;
  for (int i = 0; i < 16; i++) {
    float whole = rintf(x.at[i]);
    result.at[i] = whole >= -0x1p31f && whole < 0x1p31f ? (int32_t)whole : INT32_MIN;
  }
  __m512i words;
  memcpy(&words, &result, sizeof words);
  return words;
}
static inline __m512 _mm512_cvtepi32_ps(__m512i a) {
  emulated_words words = words_of(a);
  emulated_floats result;
  for (int i = 0; i < 16; i++) result.at[i] = (float)words.at[i];
  return vector_of(result);
}
static inline __m128i _mm512_cvtepi32_epi8(__m512i a) {
  emulated_words words = words_of(a);
  int8_t bytes[16];
  for (int i = 0; i < 16; i++) bytes[i] = (int8_t)words.at[i];
  __m128i result;
  memcpy(&result, bytes, sizeof result);
  return result;
}
static inline __m256i _mm512_cvtepi32_epi16(__m512i a) {
  emulated_words words = words_of(a);
  int16_t halves[16];
  for (int i = 0; i < 16; i++) halves[i] = (int16_t)words.at[i];
  __m256i result;
  memcpy(&result, halves, sizeof result);
  return result;
}

static inline __m512 _mm512_cvtph_ps(__m256i a) {
  uint16_t halves[16];
  memcpy(halves, &a, sizeof halves);
  emulated_floats result;
  for (int i = 0; i < 16; i++) result.at[i] = martlet_from_half(halves[i]);
  return vector_of(result);
}
static inline __m256i _mm512_cvtps_ph(__m512 a, int rounding) {
  (void)rounding;  // always to nearest even
  emulated_floats x = floats_of(a);
  uint16_t halves[16];
  for (int i = 0; i < 16; i++) halves[i] = martlet_to_half(x.at[i]);
  __m256i result;
  memcpy(&result, halves, sizeof result);
  return result;
}
static inline float _cvtsh_ss(uint16_t half) { return martlet_from_half(half); }
static inline uint16_t _cvtss_sh(float value, int rounding) {
  (void)rounding;
  return martlet_to_half(value);
}

static inline __m256 _mm512_extractf32x8_ps(__m512 a, int half) {
  __m256 result;
  memcpy(&result, (const char *)&a + 32 * half, sizeof result);
  return result;
}
#endif
