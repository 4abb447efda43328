// Products of a query's code with planes by the dot-product instructions of ARMv8.2.
#pragma once

#include "form.h"

INLINE int32x4_t add_plane_product(int32x4_t sum, uint8x16_t plane, int8x16_t low, int8x16_t high) {
  sum = vdotq_s32(sum, vreinterpretq_s8_u8(vandq_u8(plane, vdupq_n_u8(15))), low);
  return vdotq_s32(sum, vreinterpretq_s8_u8(vshrq_n_u8(plane, 4)), high);
}

INLINE int32_t plane_product(const int8_t *code, const uint8_t *plane, size_t bytes) {
  int32x4_t sums[2] = {vdupq_n_s32(0), vdupq_n_s32(0)};
  for (size_t i = 0; i < bytes; i += 32)
    for (int j = 0; j < 2; j++) {
      const int8_t *low = code + i / 64 * 128 + i % 64 + 16 * j;
      sums[j] = add_plane_product(sums[j], vld1q_u8(plane + i + 16 * j), vld1q_s8(low), vld1q_s8(low + 64));
    }
  return vaddvq_s32(vaddq_s32(sums[0], sums[1]));
}

INLINE void plane_products(const int8_t *code, const uint8_t *const planes[4], size_t bytes, int32_t products[4]) {
  int32x4_t sums[4];
  for (int j = 0; j < 4; j++) sums[j] = vdupq_n_s32(0);
  for (size_t i = 0; i < bytes; i += 16) {
    const int8_t *at = code + i / 64 * 128 + i % 64;
    int8x16_t low = vld1q_s8(at), high = vld1q_s8(at + 64);
    for (int j = 0; j < 4; j++) sums[j] = add_plane_product(sums[j], vld1q_u8(planes[j] + i), low, high);
  }
  for (int j = 0; j < 4; j++) products[j] = vaddvq_s32(sums[j]);
}

INLINE int32_t sum_of_positive(const int8_t *code, const uint8_t *signs, size_t stride) {
  int32x4_t sum = vdupq_n_s32(0);
  for (size_t i = 0; i < stride / 8; i += 16) {
    // Half a group of 32 bytes, or one of 16.
    size_t group = i / 32 * 32, bytes = stride / 8 - group < 32 ? 16 : 32;
    uint8x16_t bits = vld1q_u8(signs + i);
    for (size_t step = 0; step < 8; step++) {
      int8x16_t set = vshrq_n_s8(vreinterpretq_s8_u8(bits), 7);
      sum = vdotq_s32(sum, vandq_s8(vld1q_s8(code + 8 * group + step * bytes + i - group), set), vdupq_n_s8(1));
      bits = vaddq_u8(bits, bits);
    }
  }
  return vaddvq_s32(sum);
}
