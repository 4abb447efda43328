// Products with float weights, one panel of 16 rows and one token at a time.
#include "form.h"

enum { ROWS = MARTLET_PANEL_ROWS };

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

static void finish(const float sums[ROWS], size_t count, const float *bias, float *y) {
  for (size_t r = 0; r < count; r++) y[r] = bias != NULL ? sums[r] + bias[r] : sums[r];
}

// One product for each kind of weight; WEIGHT(panel, c, r) is the weight in column c and row r of a panel.
#define DEFINE_MATMUL(name, kind, WEIGHT)                                                                           \
  void FORM(name)(martlet_layout layout, const void *panels, size_t rows, const martlet_activations *x,             \
                  const float *bias, float *y, size_t y_stride) {                                                   \
    size_t panel_bytes = martlet_panel_bytes(layout, x->columns);                                                   \
    for (size_t first = 0; first < rows; first += ROWS) {                                                           \
      const kind *panel = (const kind *)(const void *)((const char *)panels + first / ROWS * panel_bytes);          \
      for (size_t t = 0; t < x->tokens; t++) {                                                                      \
        const float *values = x->values + t * x->columns;                                                           \
        float sums[ROWS] = {0};                                                                                     \
        for (size_t c = 0; c < x->columns; c++)                                                                     \
          for (size_t r = 0; r < ROWS; r++) sums[r] += WEIGHT(panel, c, r) * values[c];                             \
        finish(sums, smaller(ROWS, rows - first), bias != NULL ? bias + first : NULL, y + t * y_stride + first);    \
      }                                                                                                             \
    }                                                                                                               \
  }

#define F32_WEIGHT(panel, c, r) panel[(c) * ROWS + (r)]
#define F16_WEIGHT(panel, c, r) martlet_from_half(panel[(c) * ROWS + (r)])
#define BF16_WEIGHT(panel, c, r) martlet_from_bfloat16(panel[((c) / 2 * ROWS + (r)) * 2 + (c) % 2])

DEFINE_MATMUL(matmul_f32, float, F32_WEIGHT)
DEFINE_MATMUL(matmul_f16, uint16_t, F16_WEIGHT)
DEFINE_MATMUL(matmul_bf16, uint16_t, BF16_WEIGHT)

void FORM(gemm)(const martlet_gemm *g) {
  for (size_t i = 0; i < g->rows; i++) {
    for (size_t first = 0; first < g->columns; first += ROWS) {
      size_t count = smaller(ROWS, g->columns - first);
      float sums[ROWS] = {0}, *c = g->c + i * g->c_row + first;
      for (size_t k = 0; k < g->depth; k++) {
        float value = g->a[i * g->a_row + k * g->a_column];
        const float *b = g->b + k * g->b_row + first * g->b_column;
        for (size_t j = 0; j < count; j++) sums[j] += value * b[j * g->b_column];
      }
      for (size_t j = 0; j < count; j++) c[j] = g->adds ? c[j] + sums[j] : sums[j];
    }
  }
}
