// Products with 8-bit weights of one scale a row and activations of one scale a token: integers to the end.
#include "../layouts.h"
#include "form.h"

void FORM(matmul_int8_rows)(martlet_layout layout, const void *panels, size_t rows, const martlet_activations *x,
                            const float *bias, float *y, size_t y_stride) {
  size_t panel_bytes = martlet_panel_bytes(layout, x->columns);
  for (size_t r = 0; r < rows; r++) {
    const uint8_t *panel = (const uint8_t *)panels + r / 16 * panel_bytes;
    float scale = ((const float *)(const void *)panel)[r % 16];
    for (size_t t = 0; t < x->tokens; t++) {
      const int8_t *values = x->quantized + t * x->columns;
      int32_t dot = 0;
      for (size_t c = 0; c < x->columns; c++)
        dot += (panel[64 + c / 4 * 64 + r % 16 * 4 + c % 4] - 128) * values[c];
      y[t * y_stride + r] = scale * x->scales[t] * (float)dot + (bias ? bias[r] : 0);
    }
  }
}
