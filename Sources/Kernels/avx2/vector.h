// Eight floats to a vector. What the shared bodies (../bodies) are written in.
#pragma once

#include "form.h"

enum { VF_WIDTH = 8 };
typedef __m256 vf;

INLINE vf vf_set(float x) { return _mm256_set1_ps(x); }
INLINE vf vf_zero(void) { return _mm256_setzero_ps(); }
INLINE vf vf_load(const float *p) { return _mm256_loadu_ps(p); }
INLINE void vf_store(float *p, vf x) { _mm256_storeu_ps(p, x); }
INLINE __m256i first_lanes(size_t n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
// The first n < VF_WIDTH elements; the rest are zero.
INLINE vf vf_load_part(const float *p, size_t n) { return _mm256_maskload_ps(p, first_lanes(n)); }
INLINE void vf_store_part(float *p, vf x, size_t n) { _mm256_maskstore_ps(p, first_lanes(n), x); }
// x in the first n <= VF_WIDTH lanes, y in the others.
INLINE vf vf_first(size_t n, vf x, vf y) { return _mm256_blendv_ps(y, x, _mm256_castsi256_ps(first_lanes(n))); }

INLINE vf vf_add(vf a, vf b) { return _mm256_add_ps(a, b); }
INLINE vf vf_sub(vf a, vf b) { return _mm256_sub_ps(a, b); }
INLINE vf vf_mul(vf a, vf b) { return _mm256_mul_ps(a, b); }
INLINE vf vf_fma(vf a, vf b, vf c) { return _mm256_fmadd_ps(a, b, c); }    // a * b + c
INLINE vf vf_fnma(vf a, vf b, vf c) { return _mm256_fnmadd_ps(a, b, c); }  // c - a * b
// b where one of both is NaN.
INLINE vf vf_max(vf a, vf b) { return _mm256_max_ps(a, b); }
INLINE vf vf_min(vf a, vf b) { return _mm256_min_ps(a, b); }
INLINE vf vf_abs(vf a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a); }
// 1 / a within 2e-7; a is positive and finite.
INLINE vf vf_reciprocal(vf a) {
  vf guess = _mm256_rcp_ps(a);
  return _mm256_mul_ps(guess, _mm256_fnmadd_ps(a, guess, _mm256_set1_ps(2)));
}
INLINE vf vf_round(vf a) { return _mm256_round_ps(a, 0x08); }  // to the nearest whole number, even of two
// a * 2^n for whole n and a in 0.5...2; overflows to infinity, underflows to zero below 2^-126. A NaN stays one.
INLINE vf vf_scale_by_power(vf a, vf n) {
  vf limited = _mm256_min_ps(_mm256_set1_ps(127), _mm256_max_ps(_mm256_set1_ps(-126), n));
  __m256i exponent = _mm256_slli_epi32(_mm256_cvtps_epi32(limited), 23);
  vf scaled = _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(a), exponent));
  vf infinite = _mm256_blendv_ps(scaled, _mm256_set1_ps(__builtin_inff()),
                                 _mm256_cmp_ps(n, _mm256_set1_ps(127), _CMP_GT_OQ));
  return _mm256_and_ps(infinite, _mm256_cmp_ps(n, _mm256_set1_ps(-126), _CMP_NLT_UQ));
}

INLINE float vf_sum(vf a) {
  __m128 b = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
  b = _mm_add_ps(b, _mm_movehl_ps(b, b));
  return _mm_cvtss_f32(_mm_add_ss(b, _mm_movehdup_ps(b)));
}
INLINE float vf_largest(vf a) {
  __m128 b = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
  b = _mm_max_ps(b, _mm_movehl_ps(b, b));
  return _mm_cvtss_f32(_mm_max_ss(b, _mm_movehdup_ps(b)));
}
INLINE bool vf_any_equal(vf a, vf b) { return _mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_EQ_OQ)) != 0; }

INLINE vf vf_load_half(const uint16_t *p) { return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p)); }
INLINE void vf_store_half(uint16_t *p, vf x) { _mm_storeu_si128((__m128i *)p, _mm256_cvtps_ph(x, 0)); }
// Pairs of bfloat16: the first of each pair, and the second.
INLINE void vf_load_bfloat16_pairs(const uint16_t *p, vf *first, vf *second) {
  __m256i pairs = _mm256_loadu_si256((const __m256i *)p);
  *first = _mm256_castsi256_ps(_mm256_slli_epi32(pairs, 16));
  *second = _mm256_castsi256_ps(_mm256_and_si256(pairs, _mm256_set1_epi32((int)0xffff0000)));
}

// Eight rows become columns: pairs of rows, then of pairs, within halves, and at last the halves themselves.
INLINE void vf_transpose(vf rows[8]) {
  vf a[8], b[8];
  for (int i = 0; i < 8; i += 2) {
    a[i] = _mm256_unpacklo_ps(rows[i], rows[i + 1]);
    a[i + 1] = _mm256_unpackhi_ps(rows[i], rows[i + 1]);
  }
  for (int i = 0; i < 8; i += 4) {
    for (int j = 0; j < 2; j++) {
      b[i + 2 * j] = _mm256_shuffle_ps(a[i + j], a[i + j + 2], 0x44);
      b[i + 2 * j + 1] = _mm256_shuffle_ps(a[i + j], a[i + j + 2], 0xee);
    }
  }
  for (int i = 0; i < 4; i++) {
    rows[i] = _mm256_permute2f128_ps(b[i], b[i + 4], 0x20);
    rows[i + 4] = _mm256_permute2f128_ps(b[i], b[i + 4], 0x31);
  }
}
