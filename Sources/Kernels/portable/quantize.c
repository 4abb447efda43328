// Activations in 8 bits: the largest of a block becomes 127 (in rows 64), the rest is rounded to nearest even.
#include "form.h"

#include <math.h>

static float quantize(const float *values, size_t n, float limit, int8_t *quantized) {
  float largest = 0;
  for (size_t i = 0; i < n; i++) largest = fmaxf(largest, fabsf(values[i]));
  float inverse = largest > 0 ? limit / largest : 0;
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
