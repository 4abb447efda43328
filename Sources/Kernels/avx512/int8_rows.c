// Products with 8-bit weights of one scale a row: dot products by VNNI over 64 columns, which share a scale of the
// activations, and one conversion for them. Two panels meet six tokens at a time, so that the dot products of a group
// and the totals of all groups stay in registers.
#include "../layouts.h"
#include "form.h"

#ifdef MARTLET_FORM_COMPILES

#ifndef UNROLL
#define UNROLL _Pragma("clang loop unroll(full)")
#endif

enum { TILE_TOKENS = 6, HEADER = 64, GROUP = MARTLET_ROW_GROUP_COLUMNS, QUADS = GROUP / 4, MOST_SURPLUSES = 2048 };

// What the weights' offset of 128 adds to each group of each token, negative: the start of its sum.
INLINE void negate_surpluses(const martlet_activations *x, size_t count, int32_t *out) {
  for (size_t i = 0; i < count; i++) out[i] = -128 * x->sums[i];
}

// Four activations; past the last column they are zero.
INLINE __m512i broadcast_quad(const int8_t *values, size_t count) {
  int32_t quad = 0;
  memcpy(&quad, values, count);
  return _mm512_set1_epi32(quad);
}

typedef struct tile {
  const int8_t *values;
  const float *scales;       // [tokens][groups]
  const int32_t *surpluses;  // likewise
  size_t columns, groups;
} tile;

INLINE void dot_quad(const uint8_t *weights, size_t panel_bytes, const int panels, const int8_t *values, size_t stride,
                     size_t count, const int tokens, __m512i dots[2][TILE_TOKENS]) {
  __m512i first = _mm512_loadu_si512(weights), second = first;
  if (panels == 2) second = _mm512_loadu_si512(weights + panel_bytes);
  UNROLL for (int t = 0; t < tokens; t++) {
    __m512i quad = broadcast_quad(values + (size_t)t * stride, count);
    dots[0][t] = _mm512_dpbusd_epi32(dots[0][t], first, quad);
    if (panels == 2) dots[1][t] = _mm512_dpbusd_epi32(dots[1][t], second, quad);
  }
}

// Adds one group of columns to the totals.
INLINE void add_group(const uint8_t *weights, size_t panel_bytes, const int panels, const tile *x, size_t g,
                      const int tokens, __m512 totals[2][TILE_TOKENS]) {
  __m512i dots[2][TILE_TOKENS];
  UNROLL for (int t = 0; t < tokens; t++)
    dots[0][t] = dots[1][t] = _mm512_set1_epi32(x->surpluses[(size_t)t * x->groups + g]);
  const int8_t *values = x->values + g * GROUP;
  size_t left = x->columns - g * GROUP;
  if (left >= GROUP) {
    for (int c = 0; c < QUADS; c++)
      dot_quad(weights + 64 * c, panel_bytes, panels, values + 4 * c, x->columns, 4, tokens, dots);
  } else {
    for (size_t c = 0; c < left; c += 4)
      dot_quad(weights + 16 * c, panel_bytes, panels, values + c, x->columns, left - c < 4 ? left - c : 4, tokens, dots);
  }
  UNROLL for (int t = 0; t < tokens; t++) {
    __m512 scale = _mm512_set1_ps(x->scales[(size_t)t * x->groups + g]);
    UNROLL for (int p = 0; p < panels; p++) totals[p][t] =
        _mm512_fmadd_ps(_mm512_cvtepi32_ps(dots[p][t]), scale, totals[p][t]);
  }
}

INLINE void multiply_tile(const uint8_t *panel, size_t panel_bytes, const int panels, size_t rows, const tile *x,
                          const int tokens, const float *bias, float *y, size_t y_stride) {
  __m512 totals[2][TILE_TOKENS];
  UNROLL for (int t = 0; t < tokens; t++) totals[0][t] = totals[1][t] = _mm512_setzero_ps();
  for (size_t g = 0; g < x->groups; g++)
    add_group(panel + HEADER + g * QUADS * 64, panel_bytes, panels, x, g, tokens, totals);
  UNROLL for (int p = 0; p < panels; p++) {
    size_t left = rows - 16 * (size_t)p;
    __mmask16 mask = left >= 16 ? 0xffff : (__mmask16)((1u << left) - 1);
    __m512 scale = _mm512_loadu_ps((const float *)(const void *)(panel + (size_t)p * panel_bytes));
    __m512 start = bias ? _mm512_maskz_loadu_ps(mask, bias + 16 * p) : _mm512_setzero_ps();
    UNROLL for (int t = 0; t < tokens; t++)
      _mm512_mask_storeu_ps(y + (size_t)t * y_stride + 16 * p, mask, _mm512_fmadd_ps(totals[p][t], scale, start));
  }
}

#define TILE(panels, tokens)                                                                                      \
  TARGET static void multiply_##panels##_by_##tokens(const uint8_t *panel, size_t panel_bytes, size_t rows,       \
                                                     const tile *x, const float *bias, float *y, size_t y_stride) { \
    multiply_tile(panel, panel_bytes, panels, rows, x, tokens, bias, y, y_stride);                                \
  }
TILE(1, 1)
TILE(1, 3)
TILE(1, 6)
TILE(2, 1)
TILE(2, 3)
TILE(2, 6)

typedef void multiply_function(const uint8_t *panel, size_t panel_bytes, size_t rows, const tile *x, const float *bias,
                               float *y, size_t y_stride);

TARGET static void multiply(const uint8_t *panels, size_t panel_bytes, size_t rows, const martlet_activations *x,
                            const float *bias, float *y, size_t y_stride) {
  static multiply_function *const one[] = {multiply_1_by_1, multiply_1_by_3, multiply_1_by_6};
  static multiply_function *const two[] = {multiply_2_by_1, multiply_2_by_3, multiply_2_by_6};
  size_t groups = (x->columns + GROUP - 1) / GROUP;
  int32_t surpluses[MOST_SURPLUSES];
  negate_surpluses(x, x->tokens * groups, surpluses);
  for (size_t r = 0; r < rows; r += 32, panels += 2 * panel_bytes) {
    multiply_function *const *functions = rows - r > 16 ? two : one;
    for (size_t t = 0; t < x->tokens;) {
      size_t left = x->tokens - t, size = left >= 6 ? 2 : left >= 3 ? 1 : 0;
      tile part = {x->quantized + t * x->columns, x->scales + t * groups, surpluses + t * groups, x->columns, groups};
      functions[size](panels, panel_bytes, rows - r, &part, bias ? bias + r : NULL, y + t * y_stride + r, y_stride);
      t += size == 2 ? 6 : size == 1 ? 3 : 1;
    }
  }
}

TARGET void FORM(matmul_int8_rows)(martlet_layout layout, const void *panels, size_t rows,
                                   const martlet_activations *x, const float *bias, float *y, size_t y_stride) {
  size_t panel_bytes = martlet_panel_bytes(layout, x->columns), groups = (x->columns + GROUP - 1) / GROUP;
  size_t step = MOST_SURPLUSES / groups / TILE_TOKENS * TILE_TOKENS;
  if (step == 0) {  // more than 10,000 columns
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
