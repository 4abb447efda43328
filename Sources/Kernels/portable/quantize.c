// Activations in 8 bits: the largest of a block becomes 127 (in rows 64), the rest is rounded to nearest even.
#include "../quantize.h"
#include "form.h"

#include <math.h>

static float quantize(const float *values, size_t n, float limit, int8_t *quantized) {
  // As whole numbers, the bits of |x| are in the floats' order, and a NaN is above all.
  uint32_t most = 0;
  for (size_t i = 0; i < n; i++) {
    uint32_t bits = martlet_bits(values[i]) & 0x7fffffffu;
    if (bits > most) most = bits;
  }
  float largest = martlet_float(most), inverse = martlet_inverse(largest, limit);
  for (size_t i = 0; i < n; i++) quantized[i] = (int8_t)lrintf(values[i] * inverse);
  return largest / limit;
}

static int16_t sum_of(const int8_t *quantized, size_t n) {
  int sum = 0;
  for (size_t i = 0; i < n; i++) sum += quantized[i];
  return (int16_t)sum;
}

void FORM(quantize_blocks)(const float *values, size_t columns, int8_t *quantized, float *scales, int16_t *sums,
                           float *totals) {
  for (size_t c = 0; c < columns; c += 32) {
    float scale = quantize(values + c, 32, 127, quantized + c);
    sums[c / 16] = sum_of(quantized + c, 16);
    sums[c / 16 + 1] = sum_of(quantized + c + 16, 16);
    scales[c / 32] = martlet_through_half(scale);
    totals[c / 32] = martlet_through_half(scale * (float)(sums[c / 16] + sums[c / 16 + 1]));
  }
}

void FORM(quantize_row)(const float *values, size_t columns, int8_t *quantized, float *scales, int16_t *sums) {
  for (size_t c = 0; c < columns; c += MARTLET_ROW_GROUP_COLUMNS) {
    size_t n = columns - c < MARTLET_ROW_GROUP_COLUMNS ? columns - c : MARTLET_ROW_GROUP_COLUMNS;
    scales[c / MARTLET_ROW_GROUP_COLUMNS] = quantize(values + c, n, 64, quantized + c);
    sums[c / MARTLET_ROW_GROUP_COLUMNS] = sum_of(quantized + c, n);
  }
}
