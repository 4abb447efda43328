// Products with quantized weights, row by row: what the other forms are compared with.
#include "../layouts.h"
#include "form.h"

enum { STRIP = 32 };

// One block of one row against one token: integers within a group, floats between groups.
static float dot_block(martlet_layout layout, martlet_block parts, const uint8_t *block, size_t row,
                       const int8_t *x, float x_scale, const int16_t *sums, float total) {
  float result = 0;
  for (size_t g = 0; g < 32u / layout.group; g++) {
    int dot = 0, sum = 0;
    for (size_t i = 0; i < layout.group; i++) {
      size_t column = g * layout.group + i;
      dot += martlet_stored(layout, parts, block, row, column) * x[column];
    }
    for (size_t h = 0; h < layout.group / 16u; h++) sum += sums[g * layout.group / 16 + h];
    size_t index = g * MARTLET_PANEL_ROWS + row;
    float scale = martlet_half_at(block, index) * x_scale;
    if (layout.has_minima) {
      float x_sum = layout.group == 32 ? total : x_scale * (float)sum;
      result += scale * (float)dot + martlet_half_at(block + parts.minima, index) * x_sum;
    } else {
      result += scale * (float)(dot - (sum << (layout.bits - 1)));
    }
  }
  return result;
}

static float dot_row(martlet_layout layout, martlet_block parts, const uint8_t *panel, size_t row,
                     const martlet_activations *x, size_t token) {
  float sum = 0;
  size_t blocks = x->columns / 32;
  for (size_t b = 0; b < blocks; b++) {
    sum += dot_block(layout, parts, panel + b * parts.size, row, x->quantized + token * x->columns + 32 * b,
                     x->scales[token * blocks + b], x->sums + token * 2 * blocks + 2 * b, x->totals[token * blocks + b]);
  }
  return sum;
}

void FORM(matmul_blocks)(martlet_layout layout, const void *panels, size_t rows, const martlet_activations *x,
                         const float *bias, float *y, size_t y_stride) {
  martlet_block parts = martlet_block_of(layout);
  size_t panel_bytes = martlet_panel_bytes(layout, x->columns);
  for (size_t r = 0; r < rows; r++) {
    const uint8_t *panel = (const uint8_t *)panels + r / 16 * panel_bytes;
    float strip[STRIP];
    for (size_t t = 0; t < x->tokens; t++) {
      float sum = bias ? bias[r] : 0;
      if (x->quantized) {
        sum += dot_row(layout, parts, panel, r % 16, x, t);
      } else {
        for (size_t c = 0; c < x->columns; c += STRIP) {
          FORM(unpack_row)(layout, panel + c / 32 * parts.size, r % 16, STRIP, strip);
          for (size_t i = 0; i < STRIP; i++) sum += strip[i] * x->values[t * x->columns + c + i];
        }
      }
      y[t * y_stride + r] = sum;
    }
  }
}
