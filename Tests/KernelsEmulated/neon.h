// NEON. What SIMDe 0.7.4 lacks of it is made up for here, an element at a time.
#pragma once

#include "emulation.h"
#ifdef MARTLET_EMULATED
#include <simde/arm/neon.h>

#include <math.h>

static inline float32x4_t vdivq_f32(float32x4_t a, float32x4_t b) {
  float x[4], y[4];
  vst1q_f32(x, a);
  vst1q_f32(y, b);
  for (int i = 0; i < 4; i++) x[i] /= y[i];
  return vld1q_f32(x);
}

// To nearest even; what does not fit becomes the nearest that does, and a NaN zero.
static inline int32x4_t vcvtnq_s32_f32(float32x4_t a) {
  float x[4];
  int32_t result[4];
  vst1q_f32(x, a);
  for (int i = 0; i < 4; i++) {
    float whole = rintf(x[i]);
    result[i] = whole >= 0x1p31f ? INT32_MAX : whole >= -0x1p31f ? (int32_t)whole : whole < 0 ? INT32_MIN : 0;
  }
  return vld1q_s32(result);
}
#endif
