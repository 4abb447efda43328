// Products with 8-bit weights of one scale a row: dot products of bytes over 64 columns, which share a scale of the
// activations.
#include "../layouts.h"
#include "form.h"

#ifdef MARTLET_FORM_COMPILES
#include "vector.h"

#ifndef UNROLL
#define UNROLL _Pragma("GCC unroll 32")
#endif

enum { GROUP = MARTLET_ROW_GROUP_COLUMNS, HEADER = 64, VECTORS = MARTLET_PANEL_ROWS / VF_WIDTH, TILE_TOKENS = 4 };

// Four activations; past the last column they are zero.
INLINE int8x16_t broadcast_quad(const int8_t *values, size_t count) {
  int32_t quad = 0;
  memcpy(&quad, values, count);
  return vreinterpretq_s8_s32(vdupq_n_s32(quad));
}

// Adds one group of columns, `left` of them, of 16 rows to each token's total.
INLINE void add_group(const uint8_t *weights, const int8_t *values, size_t stride, size_t left, const float *scales,
                      size_t scales_stride, const int tokens, vf *totals) {
  int32x4_t dots[TILE_TOKENS * VECTORS];
  UNROLL for (size_t i = 0; i < (size_t)tokens * VECTORS; i++) dots[i] = vdupq_n_s32(0);
  for (size_t c = 0; c < GROUP && c < left; c += 4) {
    int8x16_t rows[VECTORS];
    UNROLL for (size_t v = 0; v < VECTORS; v++)
      rows[v] = vreinterpretq_s8_u8(veorq_u8(vld1q_u8(weights + 16 * c + 16 * v), vdupq_n_u8(128)));
    UNROLL for (int t = 0; t < tokens; t++) {
      int8x16_t quad = broadcast_quad(values + (size_t)t * stride + c, left - c < 4 ? left - c : 4);
      UNROLL for (size_t v = 0; v < VECTORS; v++) {
        int32x4_t *dot = &dots[(size_t)t * VECTORS + v];
        *dot = vdotq_s32(*dot, rows[v], quad);
      }
    }
  }
  UNROLL for (int t = 0; t < tokens; t++) {
    vf scale = vf_set(scales[(size_t)t * scales_stride]);
    UNROLL for (size_t v = 0; v < VECTORS; v++) {
      size_t i = (size_t)t * VECTORS + v;
      totals[i] = vf_fma(vcvtq_f32_s32(dots[i]), scale, totals[i]);
    }
  }
}

// One panel against a few tokens; `y` is the first token's first row of the panel.
INLINE void multiply_tile(const uint8_t *panel, size_t rows, const martlet_activations *x, size_t token,
                          const int tokens, const float *bias, float *y, size_t y_stride) {
  size_t groups = (x->columns + GROUP - 1) / GROUP;
  float start[16] = {0};
  if (bias) memcpy(start, bias, rows * sizeof(float));
  vf totals[TILE_TOKENS * VECTORS];
  UNROLL for (size_t i = 0; i < (size_t)tokens * VECTORS; i++) totals[i] = vf_zero();
  for (size_t g = 0; g < groups; g++)
    add_group(panel + HEADER + g * GROUP * 16, x->quantized + token * x->columns + g * GROUP, x->columns,
              x->columns - g * GROUP, x->scales + token * groups + g, groups, tokens, totals);
  for (size_t t = 0; t < (size_t)tokens; t++) {
    float out[16];
    for (size_t v = 0; v < VECTORS; v++) {
      vf scale = vf_load((const float *)(const void *)panel + VF_WIDTH * v);
      vf_store(out + VF_WIDTH * v, vf_fma(totals[t * VECTORS + v], scale, vf_load(start + VF_WIDTH * v)));
    }
    memcpy(y + t * y_stride, out, rows * sizeof(float));
  }
}

TARGET void FORM(matmul_int8_rows)(martlet_layout layout, const void *panels, size_t rows,
                                   const martlet_activations *x, const float *bias, float *y, size_t y_stride) {
  size_t panel_bytes = martlet_panel_bytes(layout, x->columns);
  for (size_t r = 0; r < rows; r += 16) {
    const uint8_t *panel = (const uint8_t *)panels + r / 16 * panel_bytes;
    size_t count = rows - r < 16 ? rows - r : 16, t = 0;
    const float *start = bias ? bias + r : NULL;
    for (; t + TILE_TOKENS <= x->tokens; t += TILE_TOKENS)
      multiply_tile(panel, count, x, t, TILE_TOKENS, start, y + t * y_stride + r, y_stride);
    for (; t < x->tokens; t++) multiply_tile(panel, count, x, t, 1, start, y + t * y_stride + r, y_stride);
  }
}

#endif
