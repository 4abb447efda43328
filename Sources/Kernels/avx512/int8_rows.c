// Products with 8-bit weights of one scale a row: integers over all columns, one conversion at the end. Two panels
// meet twelve tokens at a time, so that the loop is dot products and little else.
#include "../layouts.h"
#include "form.h"

#ifdef MARTLET_FORM_COMPILES

enum { MOST_TOKENS = 12, HEADER = 64 };

// Four activations of each token; past the last column they are zero.
INLINE __m512i broadcast_quad(const int8_t *values, size_t columns, size_t column) {
  int32_t quad = 0;
  memcpy(&quad, values + column, columns - column >= 4 ? 4 : columns - column);
  return _mm512_set1_epi32(quad);
}

// Stored weights are 128 too large: what that adds to a token's products.
TARGET static int32_t surplus(const int8_t *values, size_t columns) {
  int32_t sum = 0;
  for (size_t c = 0; c < columns; c++) sum += values[c];
  return 128 * sum;
}

INLINE void store(const uint8_t *panel, __m512i dot, __mmask16 rows, float x_scale, const float *bias, float *y) {
  __m512 scale = _mm512_mul_ps(_mm512_loadu_ps((const float *)(const void *)panel), _mm512_set1_ps(x_scale));
  __m512 start = bias ? _mm512_maskz_loadu_ps(rows, bias) : _mm512_setzero_ps();
  _mm512_mask_storeu_ps(y, rows, _mm512_fmadd_ps(_mm512_cvtepi32_ps(dot), scale, start));
}

INLINE void multiply_tile(const uint8_t *panel, size_t panel_bytes, const int panels, size_t rows,
                          const martlet_activations *x, size_t first, const int tokens, const int32_t *surpluses,
                          const float *bias, float *y, size_t y_stride) {
  __m512i dots[2][MOST_TOKENS];
#pragma clang loop unroll(full)
  for (int t = 0; t < tokens; t++) dots[0][t] = dots[1][t] = _mm512_set1_epi32(-surpluses[first + (size_t)t]);
  const int8_t *values = x->quantized + first * x->columns;
  const uint8_t *weights = panel + HEADER;
  size_t whole = x->columns / 4 * 4, c = 0;
  for (; c < whole; c += 4, weights += 64) {
    __m512i w0 = _mm512_loadu_si512(weights), w1 = panels == 2 ? _mm512_loadu_si512(weights + panel_bytes) : w0;
#pragma clang loop unroll(full)
    for (int t = 0; t < tokens; t++) {
      __m512i quad = broadcast_quad(values + (size_t)t * x->columns, 4, 0);
      dots[0][t] = _mm512_dpbusd_epi32(dots[0][t], w0, quad);
      if (panels == 2) dots[1][t] = _mm512_dpbusd_epi32(dots[1][t], w1, quad);
    }
    values += 4;
  }
  if (c < x->columns) {
    __m512i w0 = _mm512_loadu_si512(weights), w1 = panels == 2 ? _mm512_loadu_si512(weights + panel_bytes) : w0;
#pragma clang loop unroll(full)
    for (int t = 0; t < tokens; t++) {
      __m512i quad = broadcast_quad(x->quantized + (first + (size_t)t) * x->columns, x->columns, c);
      dots[0][t] = _mm512_dpbusd_epi32(dots[0][t], w0, quad);
      if (panels == 2) dots[1][t] = _mm512_dpbusd_epi32(dots[1][t], w1, quad);
    }
  }
#pragma clang loop unroll(full)
  for (int p = 0; p < panels; p++) {
    size_t left = rows - 16 * (size_t)p;
    __mmask16 mask = left >= 16 ? 0xffff : (__mmask16)((1u << left) - 1);
#pragma clang loop unroll(full)
    for (int t = 0; t < tokens; t++)
      store(panel + (size_t)p * panel_bytes, dots[p][t], mask, x->scales[first + (size_t)t],
            bias ? bias + 16 * p : NULL, y + (first + (size_t)t) * y_stride + 16 * p);
  }
}

#define TILE(panels, tokens) \
  multiply_tile(panel, panel_bytes, panels, left, x, t, tokens, surpluses, bias ? bias + r : NULL, y + r, y_stride)
#define TILES(panels)                                     \
  do {                                                    \
    size_t t = 0;                                         \
    for (; t + 12 <= x->tokens; t += 12) TILE(panels, 12);  \
    if (t + 8 <= x->tokens) TILE(panels, 8), t += 8;      \
    if (t + 4 <= x->tokens) TILE(panels, 4), t += 4;      \
    for (; t < x->tokens; t++) TILE(panels, 1);           \
  } while (0)

TARGET static void multiply(const uint8_t *panels, size_t rows, const martlet_activations *x, const float *bias,
                            float *y, size_t y_stride, size_t panel_bytes) {
  int32_t surpluses[256];
  for (size_t t = 0; t < x->tokens; t++) surpluses[t] = surplus(x->quantized + t * x->columns, x->columns);
  for (size_t r = 0; r < rows;) {
    const uint8_t *panel = panels + r / 16 * panel_bytes;
    size_t left = rows - r;
    if (left > 16) {
      TILES(2);
      r += 32;
    } else {
      TILES(1);
      r += 16;
    }
  }
}

TARGET void FORM(matmul_int8_rows)(martlet_layout layout, const void *panels, size_t rows,
                                   const martlet_activations *x, const float *bias, float *y, size_t y_stride) {
  size_t panel_bytes = martlet_panel_bytes(layout, x->columns);
  for (size_t t = 0; t < x->tokens; t += 240) {
    martlet_activations part = *x;
    part.tokens = x->tokens - t < 240 ? x->tokens - t : 240;
    part.values += t * x->columns;
    part.quantized += t * x->columns;
    part.scales += t;
    multiply(panels, rows, &part, bias, y + t * y_stride, y_stride, panel_bytes);
  }
}

#endif
