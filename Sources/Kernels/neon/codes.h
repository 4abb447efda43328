// Products of codes by the dot-product instructions of ARMv8.2.
#pragma once

#include "form.h"

INLINE int32_t code_surplus(const int8_t *code, size_t stride) { return 0; }

INLINE int32_t code_product(const int8_t *a, int32_t surplus, const int8_t *b, size_t stride) {
  int32x4_t sum = vdupq_n_s32(0), second = sum;
  for (size_t i = 0; i < stride; i += 32) {
    sum = vdotq_s32(sum, vld1q_s8(a + i), vld1q_s8(b + i));
    second = vdotq_s32(second, vld1q_s8(a + i + 16), vld1q_s8(b + i + 16));
  }
  return vaddvq_s32(vaddq_s32(sum, second));
}

INLINE void code_products(const int8_t *a, int32_t surplus, const int8_t *const b[4], size_t stride,
                          int32_t products[4]) {
  int32x4_t sums[4];
  for (int j = 0; j < 4; j++) sums[j] = vdupq_n_s32(0);
  for (size_t i = 0; i < stride; i += 16) {
    int8x16_t x = vld1q_s8(a + i);
    for (int j = 0; j < 4; j++) sums[j] = vdotq_s32(sums[j], x, vld1q_s8(b[j] + i));
  }
  for (int j = 0; j < 4; j++) products[j] = vaddvq_s32(sums[j]);
}
