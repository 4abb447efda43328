// Products with 8-bit weights of one scale a row. The activations have seven bits, so that a pair of maddubs' products
// fits 16 bits; 64 columns share a scale of the activations and one conversion.
#include "../layouts.h"
#include "form.h"

#ifdef MARTLET_FORM_COMPILES

#ifndef UNROLL
#define UNROLL _Pragma("clang loop unroll(full)")
#endif

enum { TILE_TOKENS = 6, HEADER = 64, GROUP = MARTLET_ROW_GROUP_COLUMNS, QUADS = GROUP / 4, MOST_SURPLUSES = 2048 };

// Four activations; past the last column they are zero.
INLINE __m256i broadcast_quad(const int8_t *values, size_t count) {
  int32_t quad = 0;
  memcpy(&quad, values, count);
  return _mm256_set1_epi32(quad);
}

typedef struct tile {
  const int8_t *values;
  const float *scales;       // [tokens][groups]
  const int32_t *surpluses;  // likewise: what the weights' offset of 128 adds to the products, negative
  size_t columns, groups;
} tile;

INLINE void dot_quad(const uint8_t *weights, const int8_t *values, size_t stride, size_t count, const int tokens,
                     __m256i dots[TILE_TOKENS]) {
  __m256i quad = _mm256_loadu_si256((const __m256i *)(const void *)weights);
  UNROLL for (int t = 0; t < tokens; t++) {
    __m256i pairs = _mm256_maddubs_epi16(quad, broadcast_quad(values + (size_t)t * stride, count));
    dots[t] = _mm256_add_epi32(dots[t], _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
  }
}

// Adds one group of columns of eight rows to each token's total.
INLINE void add_group(const uint8_t *weights, const tile *x, size_t g, const int tokens, __m256 totals[TILE_TOKENS]) {
  __m256i dots[TILE_TOKENS];
  UNROLL for (int t = 0; t < tokens; t++) dots[t] = _mm256_set1_epi32(x->surpluses[(size_t)t * x->groups + g]);
  const int8_t *values = x->values + g * GROUP;
  size_t left = x->columns - g * GROUP;
  if (left >= GROUP) {
    for (int c = 0; c < QUADS; c++) dot_quad(weights + 64 * c, values + 4 * c, x->columns, 4, tokens, dots);
  } else {
    for (size_t c = 0; c < left; c += 4)
      dot_quad(weights + 16 * c, values + c, x->columns, left - c < 4 ? left - c : 4, tokens, dots);
  }
  UNROLL for (int t = 0; t < tokens; t++)
    totals[t] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(dots[t]),
                                _mm256_set1_ps(x->scales[(size_t)t * x->groups + g]), totals[t]);
}

// Eight rows of a panel against a tile; `start` and the result lie beside each other in whole panels.
INLINE void multiply_tile(const uint8_t *panel, int half, const tile *x, const int tokens, const float *start,
                          float (*out)[16]) {
  __m256 totals[TILE_TOKENS];
  UNROLL for (int t = 0; t < tokens; t++) totals[t] = _mm256_setzero_ps();
  const uint8_t *weights = panel + HEADER + 32 * half;
  for (size_t g = 0; g < x->groups; g++) add_group(weights + g * QUADS * 64, x, g, tokens, totals);
  __m256 scale = _mm256_loadu_ps((const float *)(const void *)panel + 8 * half);
  __m256 bias = _mm256_loadu_ps(start + 8 * half);
  UNROLL for (int t = 0; t < tokens; t++)
    _mm256_storeu_ps(out[t] + 8 * half, _mm256_fmadd_ps(totals[t], scale, bias));
}

INLINE void multiply_panel(const uint8_t *panel, size_t rows, const tile *x, const int tokens, const float *bias,
                           float *y, size_t y_stride) {
  float start[16] = {0}, out[TILE_TOKENS][16];
  if (bias) memcpy(start, bias, rows * sizeof(float));
  for (int half = 0; half < 2; half++) multiply_tile(panel, half, x, tokens, start, out);
  for (int t = 0; t < tokens; t++) {
    if (rows == 16)
      memcpy(y + (size_t)t * y_stride, out[t], sizeof out[t]);
    else
      memcpy(y + (size_t)t * y_stride, out[t], rows * sizeof(float));
  }
}

TARGET static void multiply(const uint8_t *panels, size_t panel_bytes, size_t rows, const martlet_activations *x,
                            const float *bias, float *y, size_t y_stride) {
  size_t groups = (x->columns + GROUP - 1) / GROUP;
  int32_t surpluses[MOST_SURPLUSES];
  for (size_t i = 0; i < x->tokens * groups; i++) surpluses[i] = -128 * x->sums[i];
  for (size_t r = 0; r < rows; r += 16, panels += panel_bytes) {
    size_t count = rows - r < 16 ? rows - r : 16;
    const float *start = bias ? bias + r : NULL;
    for (size_t t = 0; t < x->tokens;) {
      size_t left = x->tokens - t;
      tile part = {x->quantized + t * x->columns, x->scales + t * groups, surpluses + t * groups, x->columns, groups};
      float *out = y + t * y_stride + r;
      if (left >= 6) {
        multiply_panel(panels, count, &part, 6, start, out, y_stride);
        t += 6;
      } else if (left >= 3) {
        multiply_panel(panels, count, &part, 3, start, out, y_stride);
        t += 3;
      } else {
        multiply_panel(panels, count, &part, 1, start, out, y_stride);
        t += 1;
      }
    }
  }
}

TARGET void FORM(matmul_int8_rows)(martlet_layout layout, const void *panels, size_t rows,
                                   const martlet_activations *x, const float *bias, float *y, size_t y_stride) {
  size_t panel_bytes = martlet_panel_bytes(layout, x->columns), groups = (x->columns + GROUP - 1) / GROUP;
  size_t step = MOST_SURPLUSES / groups / TILE_TOKENS * TILE_TOKENS;
  if (step == 0) {  // more than 20,000 columns
    martlet_portable_matmul_int8_rows(layout, panels, rows, x, bias, y, y_stride);
    return;
  }
  for (size_t t = 0; t < x->tokens; t += step) {
    martlet_activations part = *x;
    part.tokens = x->tokens - t < step ? x->tokens - t : step;
    part.quantized += t * x->columns;
    part.scales += t * groups;
    part.sums += t * groups;
    multiply(panels, panel_bytes, rows, &part, bias, y + t * y_stride, y_stride);
  }
}

#endif
