// Activations in 8 bits: the largest of a block (or of a token) becomes 127, the rest is rounded to nearest even.
#include "form.h"

#include <math.h>

static float quantize(const float *values, size_t n, int8_t *quantized) {
  float largest = 0;
  for (size_t i = 0; i < n; i++) largest = fmaxf(largest, fabsf(values[i]));
  float inverse = largest > 0 ? 127 / largest : 0;
  for (size_t i = 0; i < n; i++) quantized[i] = (int8_t)lrintf(values[i] * inverse);
  return largest / 127;
}

void FORM(quantize_blocks)(const float *values, size_t columns, int8_t *quantized, float *scales, int16_t *sums) {
  for (size_t c = 0; c < columns; c += 32) {
    scales[c / 32] = quantize(values + c, 32, quantized + c);
    for (size_t h = 0; h < 2; h++) {
      int sum = 0;
      for (size_t i = 0; i < 16; i++) sum += quantized[c + 16 * h + i];
      sums[c / 16 + h] = (int16_t)sum;
    }
  }
}

void FORM(quantize_row)(const float *values, size_t columns, int8_t *quantized, float *scale) {
  *scale = quantize(values, columns, quantized);
}
