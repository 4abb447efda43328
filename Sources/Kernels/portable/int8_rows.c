// Products with 8-bit weights of one scale a row and activations of one scale for 64 columns.
#include "../layouts.h"
#include "form.h"

enum { GROUP = MARTLET_ROW_GROUP_COLUMNS, HEADER = 64 };

static float dot_row(const uint8_t *weights, const martlet_activations *x, size_t token) {
  size_t groups = (x->columns + GROUP - 1) / GROUP;
  const int8_t *values = x->quantized + token * x->columns;
  float total = 0;
  for (size_t g = 0; g < groups; g++) {
    int32_t dot = 0;
    size_t end = (g + 1) * GROUP < x->columns ? (g + 1) * GROUP : x->columns;
    for (size_t c = g * GROUP; c < end; c++) dot += (weights[c / 4 * 64 + c % 4] - 128) * values[c];
    total += x->scales[token * groups + g] * (float)dot;
  }
  return total;
}

void FORM(matmul_int8_rows)(martlet_layout layout, const void *panels, size_t rows, const martlet_activations *x,
                            const float *bias, float *y, size_t y_stride) {
  size_t panel_bytes = martlet_panel_bytes(layout, x->columns);
  for (size_t r = 0; r < rows; r++) {
    const uint8_t *panel = (const uint8_t *)panels + r / 16 * panel_bytes;
    float scale = ((const float *)(const void *)panel)[r % 16];
    for (size_t t = 0; t < x->tokens; t++)
      y[t * y_stride + r] = scale * dot_row(panel + HEADER + r % 16 * 4, x, t) + (bias ? bias[r] : 0);
  }
}
