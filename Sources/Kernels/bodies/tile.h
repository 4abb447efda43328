// The heart of every float product: one tile of the result kept in registers, written once for every vector form.
#pragma once

// What a weight is, and so how a column of a panel is read.
typedef enum weight_kind {
  FLOAT_WEIGHTS,
  HALF_WEIGHTS,
  BFLOAT16_WEIGHTS,
  BFLOAT16_PAIRS,  // both operands in pairs of bfloat16, multiplied and added pair by pair (see avx512/bfloat16.c)
} weight_kind;

#ifdef VF_HAS_PAIRS
#define MULTIPLY_ADD(kind, w, value, sum)                                                                           \
  ((kind) == BFLOAT16_PAIRS ? vf_add_pairs(w, value, sum) : vf_fma(w, value, sum))
#else
#define MULTIPLY_ADD(kind, w, value, sum) ((void)(kind), vf_fma(w, value, sum))
#endif

enum { PANEL_VECTORS = MARTLET_PANEL_ROWS / VF_WIDTH };

// Weights as the tile meets them: 16 rows of column c lie at start + c * column_stride, those of the next panel
// panel_stride further. Strides are in elements; bfloat16 counts pairs of columns as one element of 4 bytes.
typedef struct weight_panels {
  const void *start;
  size_t column_stride, panel_stride;
} weight_panels;

// Activations of a tile's tokens, `stride` apart.
typedef struct tile_values {
  const float *start;
  size_t stride, columns;
} tile_values;

INLINE size_t element_bytes(weight_kind kind) { return kind == HALF_WEIGHTS ? 2 : 4; }

#ifndef UNROLL
#define UNROLL _Pragma("GCC unroll 32")
#endif

INLINE size_t weight_index(weight_panels weights, size_t column, size_t vector) {
  return vector / PANEL_VECTORS * weights.panel_stride + column * weights.column_stride +
         vector % PANEL_VECTORS * VF_WIDTH;
}

// sums[t * vectors + v] += what one column of weights w gives token t.
INLINE void add_column(weight_kind kind, size_t vectors, size_t tokens, const vf *w, const float *x,
                       size_t x_stride, vf *sums) {
  UNROLL for (size_t t = 0; t < tokens; t++) {
    vf value = vf_set(x[t * x_stride]);
    UNROLL for (size_t v = 0; v < vectors; v++) sums[t * vectors + v] =
        MULTIPLY_ADD(kind, w[v], value, sums[t * vectors + v]);
  }
}

// Adds the products of all columns. `kind`, `vectors` and `tokens` are constants where this is inlined, so that the
// sums stay in registers.
INLINE void add_products(weight_kind kind, size_t vectors, size_t tokens, weight_panels weights, tile_values x,
                         vf *sums) {
  vf w[4], second[4];
  if (kind == BFLOAT16_WEIGHTS) {
    for (size_t c = 0; c < x.columns / 2; c++) {
      UNROLL for (size_t v = 0; v < vectors; v++)
        vf_load_bfloat16_pairs((const uint16_t *)weights.start + 2 * weight_index(weights, c, v), &w[v], &second[v]);
      add_column(kind, vectors, tokens, w, x.start + 2 * c, x.stride, sums);
      add_column(kind, vectors, tokens, second, x.start + 2 * c + 1, x.stride, sums);
    }
    if (x.columns % 2 != 0) {
      UNROLL for (size_t v = 0; v < vectors; v++)
        vf_load_bfloat16_pairs(
            (const uint16_t *)weights.start + 2 * weight_index(weights, x.columns / 2, v), &w[v], &second[v]);
      add_column(kind, vectors, tokens, w, x.start + x.columns - 1, x.stride, sums);
    }
    return;
  }
  for (size_t c = 0; c < x.columns; c++) {
    UNROLL for (size_t v = 0; v < vectors; v++) {
      size_t index = weight_index(weights, c, v);
      w[v] = kind == HALF_WEIGHTS ? vf_load_half((const uint16_t *)weights.start + index)
                                  : vf_load((const float *)weights.start + index);
    }
    add_column(kind, vectors, tokens, w, x.start + c, x.stride, sums);
  }
}
