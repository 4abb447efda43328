// Activations in 8 bits, as portable/quantize.c does it, four at a time.
#include "../quantize.h"
#include "form.h"

#ifdef MARTLET_FORM_COMPILES
#include "vector.h"

// The bits of the largest |x|: as whole numbers they are in the floats' order, and a NaN is above all.
INLINE float largest_of(const float *values, size_t n) {
  uint32x4_t most = vdupq_n_u32(0);
  for (size_t i = 0; i < n; i += VF_WIDTH) most = vmaxq_u32(most, vreinterpretq_u32_f32(vf_abs(vf_load(values + i))));
  return martlet_float(vmaxvq_u32(most));
}

// n values, a multiple of eight, rounded. Their sum.
INLINE int round_values(const float *values, size_t n, float inverse, int8_t *quantized) {
  int32x4_t sums = vdupq_n_s32(0);
  vf factor = vf_set(inverse);
  for (size_t i = 0; i < n; i += 8) {
    int32x4_t first = vcvtnq_s32_f32(vf_mul(vf_load(values + i), factor));
    int32x4_t second = vcvtnq_s32_f32(vf_mul(vf_load(values + i + 4), factor));
    sums = vaddq_s32(sums, vaddq_s32(first, second));
    vst1_s8(quantized + i, vqmovn_s16(vcombine_s16(vqmovn_s32(first), vqmovn_s32(second))));
  }
  return vaddvq_s32(sums);
}

TARGET void FORM(quantize_blocks)(const float *values, size_t columns, int8_t *quantized, float *scales,
                                  int16_t *sums, float *totals) {
  for (size_t c = 0; c < columns; c += 32) {
    float largest = largest_of(values + c, 32), inverse = martlet_inverse(largest, 127), scale = largest / 127;
    sums[c / 16] = (int16_t)round_values(values + c, 16, inverse, quantized + c);
    sums[c / 16 + 1] = (int16_t)round_values(values + c + 16, 16, inverse, quantized + c + 16);
    scales[c / 32] = martlet_through_half(scale);
    totals[c / 32] = martlet_through_half(scale * (float)(sums[c / 16] + sums[c / 16 + 1]));
  }
}

TARGET void FORM(quantize_row)(const float *values, size_t columns, int8_t *quantized, float *scales, int16_t *sums) {
  enum { GROUP = MARTLET_ROW_GROUP_COLUMNS };
  for (size_t c = 0; c < columns; c += GROUP) {
    size_t left = columns - c < GROUP ? columns - c : GROUP;
    float last[GROUP] = {0};
    int8_t rounded[GROUP];
    memcpy(last, values + c, left * sizeof(float));
    float largest = largest_of(last, GROUP);
    sums[c / GROUP] = (int16_t)round_values(last, GROUP, martlet_inverse(largest, 127), rounded);
    scales[c / GROUP] = largest / 127;
    memcpy(quantized + c, rounded, left);
  }
}

#endif
