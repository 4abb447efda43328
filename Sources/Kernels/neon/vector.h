// Four floats to a vector. What the shared bodies (../bodies) are written in.
#pragma once

#include "form.h"

enum { VF_WIDTH = 4 };
typedef float32x4_t vf;

INLINE vf vf_set(float x) { return vdupq_n_f32(x); }
INLINE vf vf_zero(void) { return vdupq_n_f32(0); }
INLINE vf vf_load(const float *p) { return vld1q_f32(p); }
INLINE void vf_store(float *p, vf x) { vst1q_f32(p, x); }
// The first n < VF_WIDTH elements; the rest are zero.
INLINE vf vf_load_part(const float *p, size_t n) {
  float part[4] = {0};
  for (size_t i = 0; i < n; i++) part[i] = p[i];
  return vld1q_f32(part);
}
INLINE void vf_store_part(float *p, vf x, size_t n) {
  float part[4];
  vst1q_f32(part, x);
  for (size_t i = 0; i < n; i++) p[i] = part[i];
}
// x in the first n <= VF_WIDTH lanes, y in the others.
INLINE vf vf_first(size_t n, vf x, vf y) {
  static const uint32_t lanes[4] = {0, 1, 2, 3};
  return vbslq_f32(vcltq_u32(vld1q_u32(lanes), vdupq_n_u32((uint32_t)n)), x, y);
}

INLINE vf vf_add(vf a, vf b) { return vaddq_f32(a, b); }
INLINE vf vf_sub(vf a, vf b) { return vsubq_f32(a, b); }
INLINE vf vf_mul(vf a, vf b) { return vmulq_f32(a, b); }
INLINE vf vf_fma(vf a, vf b, vf c) { return vfmaq_f32(c, a, b); }   // a * b + c
INLINE vf vf_fnma(vf a, vf b, vf c) { return vfmaq_f32(c, vnegq_f32(a), b); }  // c - a * b
// b where one of both is NaN.
INLINE vf vf_max(vf a, vf b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }
INLINE vf vf_min(vf a, vf b) { return vbslq_f32(vcltq_f32(a, b), a, b); }
INLINE vf vf_abs(vf a) { return vabsq_f32(a); }
INLINE vf vf_reciprocal(vf a) { return vdivq_f32(vdupq_n_f32(1), a); }  // a is positive and finite
INLINE vf vf_round(vf a) { return vrndnq_f32(a); }                      // to the nearest whole number, even of two
// a * 2^n for whole n and a in 0.5...2; overflows to infinity, underflows to zero below 2^-126. A NaN stays one.
INLINE vf vf_scale_by_power(vf a, vf n) {
  vf limited = vminq_f32(vmaxq_f32(n, vdupq_n_f32(-126)), vdupq_n_f32(127));
  int32x4_t exponent = vshlq_n_s32(vcvtq_s32_f32(limited), 23);
  vf scaled = vreinterpretq_f32_s32(vaddq_s32(vreinterpretq_s32_f32(a), exponent));
  scaled = vbslq_f32(vcgtq_f32(n, vdupq_n_f32(127)), vdupq_n_f32(__builtin_inff()), scaled);
  return vbslq_f32(vcltq_f32(n, vdupq_n_f32(-126)), vdupq_n_f32(0), scaled);
}

INLINE float vf_sum(vf a) { return vaddvq_f32(a); }
INLINE float vf_largest(vf a) { return vmaxvq_f32(a); }
INLINE bool vf_any_equal(vf a, vf b) { return vmaxvq_u32(vceqq_f32(a, b)) != 0; }

INLINE vf vf_load_half(const uint16_t *p) {
#if defined(MARTLET_EMULATED)
  float part[4];
  for (int i = 0; i < 4; i++) part[i] = martlet_from_half(p[i]);
  return vld1q_f32(part);
#else
  return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p)));
#endif
}
INLINE void vf_store_half(uint16_t *p, vf x) {
#if defined(MARTLET_EMULATED)
  float part[4];
  vst1q_f32(part, x);
  for (int i = 0; i < 4; i++) p[i] = martlet_to_half(part[i]);
#else
  vst1_u16(p, vreinterpret_u16_f16(vcvt_f16_f32(x)));
#endif
}
// Pairs of bfloat16: the first of each pair, and the second.
INLINE void vf_load_bfloat16_pairs(const uint16_t *p, vf *first, vf *second) {
  uint32x4_t pairs = vreinterpretq_u32_u16(vld1q_u16(p));
  *first = vreinterpretq_f32_u32(vshlq_n_u32(pairs, 16));
  *second = vreinterpretq_f32_u32(vandq_u32(pairs, vdupq_n_u32(0xffff0000)));
}

// Four rows become columns.
INLINE void vf_transpose(vf rows[4]) {
  float32x4x2_t low = vzipq_f32(rows[0], rows[2]), high = vzipq_f32(rows[1], rows[3]);
  float32x4x2_t first = vzipq_f32(low.val[0], high.val[0]), second = vzipq_f32(low.val[1], high.val[1]);
  rows[0] = first.val[0];
  rows[1] = first.val[1];
  rows[2] = second.val[0];
  rows[3] = second.val[1];
}
