// Sixteen floats to a vector. What the shared bodies (../bodies) are written in.
#pragma once

#include "form.h"

enum { VF_WIDTH = 16 };
typedef __m512 vf;

INLINE vf vf_set(float x) { return _mm512_set1_ps(x); }
INLINE vf vf_zero(void) { return _mm512_setzero_ps(); }
INLINE vf vf_load(const float *p) { return _mm512_loadu_ps(p); }
INLINE void vf_store(float *p, vf x) { _mm512_storeu_ps(p, x); }
INLINE __mmask16 first_lanes(size_t n) { return (__mmask16)((1u << n) - 1); }
// The first n < VF_WIDTH elements; the rest are zero.
INLINE vf vf_load_part(const float *p, size_t n) { return _mm512_maskz_loadu_ps(first_lanes(n), p); }
INLINE void vf_store_part(float *p, vf x, size_t n) { _mm512_mask_storeu_ps(p, first_lanes(n), x); }
// x in the first n <= VF_WIDTH lanes, y in the others.
INLINE vf vf_first(size_t n, vf x, vf y) { return _mm512_mask_blend_ps(first_lanes(n), y, x); }

INLINE vf vf_add(vf a, vf b) { return _mm512_add_ps(a, b); }
INLINE vf vf_sub(vf a, vf b) { return _mm512_sub_ps(a, b); }
INLINE vf vf_mul(vf a, vf b) { return _mm512_mul_ps(a, b); }
INLINE vf vf_fma(vf a, vf b, vf c) { return _mm512_fmadd_ps(a, b, c); }    // a * b + c
INLINE vf vf_fnma(vf a, vf b, vf c) { return _mm512_fnmadd_ps(a, b, c); }  // c - a * b
// b where one of both is NaN.
INLINE vf vf_max(vf a, vf b) { return _mm512_max_ps(a, b); }
INLINE vf vf_min(vf a, vf b) { return _mm512_min_ps(a, b); }
INLINE vf vf_abs(vf a) { return _mm512_abs_ps(a); }
// 1 / a within 2e-7; a is positive and finite.
INLINE vf vf_reciprocal(vf a) {
  vf guess = _mm512_rcp14_ps(a);
  return _mm512_mul_ps(guess, _mm512_fnmadd_ps(a, guess, _mm512_set1_ps(2)));
}
INLINE vf vf_round(vf a) { return _mm512_roundscale_ps(a, 0x08); }  // to the nearest whole number, even of two
// a * 2^n for whole n; overflows to infinity, underflows to zero. A NaN stays one.
INLINE vf vf_scale_by_power(vf a, vf n) { return _mm512_scalef_ps(a, n); }

INLINE __m256 upper_half(vf a) { return _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(a), 1)); }
INLINE float vf_sum(vf a) {
  __m256 b = _mm256_add_ps(_mm512_castps512_ps256(a), upper_half(a));
  __m128 c = _mm_add_ps(_mm256_castps256_ps128(b), _mm256_extractf128_ps(b, 1));
  c = _mm_add_ps(c, _mm_movehl_ps(c, c));
  return _mm_cvtss_f32(_mm_add_ss(c, _mm_movehdup_ps(c)));
}
INLINE float vf_largest(vf a) {
  __m256 b = _mm256_max_ps(_mm512_castps512_ps256(a), upper_half(a));
  __m128 c = _mm_max_ps(_mm256_castps256_ps128(b), _mm256_extractf128_ps(b, 1));
  c = _mm_max_ps(c, _mm_movehl_ps(c, c));
  return _mm_cvtss_f32(_mm_max_ss(c, _mm_movehdup_ps(c)));
}
INLINE bool vf_any_equal(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ) != 0; }

INLINE vf vf_load_half(const uint16_t *p) { return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p)); }
INLINE void vf_store_half(uint16_t *p, vf x) { _mm256_storeu_si256((__m256i *)p, _mm512_cvtps_ph(x, 0)); }
// Pairs of bfloat16: the first of each pair, and the second.
INLINE void vf_load_bfloat16_pairs(const uint16_t *p, vf *first, vf *second) {
  __m512i pairs = _mm512_loadu_si512(p);
  *first = _mm512_castsi512_ps(_mm512_slli_epi32(pairs, 16));
  *second = _mm512_castsi512_ps(_mm512_and_si512(pairs, _mm512_set1_epi32((int)0xffff0000)));
}

// Sixteen rows become columns: pairs of rows, then of pairs, within quarters, and at last the quarters themselves.
INLINE void vf_transpose(vf rows[16]) {
  vf a[16], b[16];
  for (int i = 0; i < 16; i += 2) {
    a[i] = _mm512_unpacklo_ps(rows[i], rows[i + 1]);
    a[i + 1] = _mm512_unpackhi_ps(rows[i], rows[i + 1]);
  }
  for (int i = 0; i < 16; i += 4) {
    for (int j = 0; j < 2; j++) {
      __m512d low = _mm512_castps_pd(a[i + j]), high = _mm512_castps_pd(a[i + j + 2]);
      b[i + 2 * j] = _mm512_castpd_ps(_mm512_unpacklo_pd(low, high));
      b[i + 2 * j + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(low, high));
    }
  }
  for (int i = 0; i < 4; i++) {
    vf even_low = _mm512_shuffle_f32x4(b[i], b[i + 4], 0x88), odd_low = _mm512_shuffle_f32x4(b[i], b[i + 4], 0xdd);
    vf even_high = _mm512_shuffle_f32x4(b[i + 8], b[i + 12], 0x88);
    vf odd_high = _mm512_shuffle_f32x4(b[i + 8], b[i + 12], 0xdd);
    rows[i] = _mm512_shuffle_f32x4(even_low, even_high, 0x88);
    rows[i + 4] = _mm512_shuffle_f32x4(odd_low, odd_high, 0x88);
    rows[i + 8] = _mm512_shuffle_f32x4(even_low, even_high, 0xdd);
    rows[i + 12] = _mm512_shuffle_f32x4(odd_low, odd_high, 0xdd);
  }
}
