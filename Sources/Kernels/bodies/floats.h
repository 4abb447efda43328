// Products with float weights, written once for every vector form.
//
// A tile of TILE_TOKENS tokens by TILE_VECTORS vectors of rows stays in registers. Columns are taken in blocks, so
// that a tile's weights and activations stay in the nearest cache; later blocks add to what the first ones stored.
// Smaller weights are turned into floats as they are loaded where only a few tokens meet them, which is as fast as
// memory gives them, else once for all tiles.
#pragma once

#include "tile.h"

enum { COLUMN_BLOCK = 384, TOKEN_BLOCK = 240 };

// Where a tile's results go: `rows` of them for each token, bias NULL for later blocks of columns.
typedef struct tile_results {
  float *start;
  size_t stride, rows;
  const float *bias;
  bool adds;  // to what is there
} tile_results;

INLINE vf load_rows(const float *from, size_t vector, size_t rows) {
  size_t first = vector * VF_WIDTH;
  if (first >= rows) return vf_zero();
  return rows - first >= VF_WIDTH ? vf_load(from + first) : vf_load_part(from + first, rows - first);
}

INLINE void store_rows(float *to, size_t vector, size_t rows, vf value) {
  size_t first = vector * VF_WIDTH;
  if (first >= rows) return;
  if (rows - first >= VF_WIDTH)
    vf_store(to + first, value);
  else
    vf_store_part(to + first, value, rows - first);
}

INLINE void product_tile(weight_kind kind, size_t vectors, size_t tokens, weight_panels weights, tile_values x,
                         tile_results y) {
  vf sums[4 * 12];
  UNROLL for (size_t v = 0; v < vectors; v++) {
    vf start = y.bias != NULL ? load_rows(y.bias, v, y.rows) : vf_zero();
    UNROLL for (size_t t = 0; t < tokens; t++) sums[t * vectors + v] = start;
  }
  add_products(kind, vectors, tokens, weights, x, sums);
  bool whole = y.rows >= vectors * VF_WIDTH;
  UNROLL for (size_t t = 0; t < tokens; t++) UNROLL for (size_t v = 0; v < vectors; v++) {
    float *to = y.start + t * y.stride;
    vf sum = sums[t * vectors + v];
    if (whole) {
      vf_store(to + v * VF_WIDTH, y.adds ? vf_add(sum, vf_load(to + v * VF_WIDTH)) : sum);
    } else {
      store_rows(to, v, y.rows, y.adds ? vf_add(sum, load_rows(to, v, y.rows)) : sum);
    }
  }
}

#define TILE_CASE(n)                                                                                                \
  case n:                                                                                                           \
    product_tile(kind, vectors, n, weights, x, y);                                                                  \
    break;

INLINE void few_tokens(weight_kind kind, size_t vectors, size_t tokens, weight_panels weights, tile_values x,
                       tile_results y) {
  switch (tokens) {
    TILE_CASE(1) TILE_CASE(2)
#if FEW_TOKENS > 2
    TILE_CASE(3) TILE_CASE(4)
#endif
  }
}

INLINE void many_tokens(weight_kind kind, size_t vectors, size_t tokens, weight_panels weights, tile_values x,
                        tile_results y) {
  switch (tokens) {
    TILE_CASE(1) TILE_CASE(2) TILE_CASE(3) TILE_CASE(4) TILE_CASE(5) TILE_CASE(6)
#if TILE_TOKENS > 6
    TILE_CASE(7) TILE_CASE(8) TILE_CASE(9) TILE_CASE(10) TILE_CASE(11) TILE_CASE(12)
#endif
  }
}

// All tokens of a block with one group of panels, in tiles as equal as can be.
INLINE void product_strip(weight_kind kind, bool few, size_t vectors, size_t tokens, weight_panels weights,
                          tile_values x, tile_results y) {
  size_t tiles = (tokens + TILE_TOKENS - 1) / TILE_TOKENS;
  for (size_t i = 0; i < tiles; i++) {
    size_t here = tokens / tiles + (i < tokens % tiles);
    if (few)
      few_tokens(kind, vectors, here, weights, x, y);
    else
      many_tokens(kind, vectors, here, weights, x, y);
    x.start += here * x.stride;
    y.start += here * y.stride;
  }
}

// The columns of one group of panels as floats: [panel][columns][16].
INLINE void widen_weights(weight_kind kind, size_t panels, weight_panels weights, size_t columns, float *out) {
  for (size_t p = 0; p < panels; p++, out += columns * MARTLET_PANEL_ROWS) {
    const uint16_t *from =
        (const uint16_t *)((const char *)weights.start + p * weights.panel_stride * element_bytes(kind));
    if (kind == HALF_WEIGHTS) {
      for (size_t i = 0; i < columns * MARTLET_PANEL_ROWS; i += VF_WIDTH) vf_store(out + i, vf_load_half(from + i));
      continue;
    }
    for (size_t c = 0; c < columns; c += 2) {
      for (size_t r = 0; r < MARTLET_PANEL_ROWS; r += VF_WIDTH) {
        vf first, second;
        vf_load_bfloat16_pairs(from + c * MARTLET_PANEL_ROWS + 2 * r, &first, &second);
        vf_store(out + c * MARTLET_PANEL_ROWS + r, first);
        if (c + 1 < columns) vf_store(out + (c + 1) * MARTLET_PANEL_ROWS + r, second);
      }
    }
  }
}

// One group of panels with all tokens of a block.
INLINE void product_group(weight_kind kind, bool few, size_t vectors, size_t tokens, weight_panels weights,
                          tile_values x, tile_results y) {
  if (few || kind == FLOAT_WEIGHTS || kind == BFLOAT16_PAIRS) {
    product_strip(kind, few, vectors, tokens, weights, x, y);
    return;
  }
  _Alignas(64) float wide[TILE_VECTORS * VF_WIDTH * COLUMN_BLOCK];
  widen_weights(kind, vectors / PANEL_VECTORS, weights, x.columns, wide);
  weight_panels widened = {wide, MARTLET_PANEL_ROWS, x.columns * MARTLET_PANEL_ROWS};
  product_strip(FLOAT_WEIGHTS, false, vectors, tokens, widened, x, y);
}

// One block of columns and tokens with all panels, `vectors` vectors of rows at a time and the last panels singly.
INLINE void product_block(weight_kind kind, bool few, size_t vectors, size_t tokens, weight_panels weights,
                          tile_values x, tile_results y) {
  size_t rows = y.rows, width = vectors / PANEL_VECTORS, row = 0;
  while (row < rows) {
    bool whole = rows - row > (width - 1) * MARTLET_PANEL_ROWS;
    tile_results part = y;
    part.start += row;
    if (part.bias != NULL) part.bias += row;
    part.rows = rows - row;
    if (whole)
      product_group(kind, few, vectors, tokens, weights, x, part);
    else
      product_group(kind, few, PANEL_VECTORS, tokens, weights, x, part);
    size_t panels = whole ? width : 1;
    weights.start = (const char *)weights.start + panels * weights.panel_stride * element_bytes(kind);
    row += panels * MARTLET_PANEL_ROWS;
  }
}

INLINE void product(weight_kind kind, martlet_layout layout, const void *panels, size_t rows,
                    const martlet_activations *x, const float *bias, float *y, size_t y_stride) {
  size_t columns_at_once = kind == BFLOAT16_WEIGHTS ? 2 : 1;
  size_t panel_stride = martlet_panel_bytes(layout, x->columns) / element_bytes(kind);
  for (size_t c = 0; c < x->columns; c += COLUMN_BLOCK) {
    size_t columns = x->columns - c < COLUMN_BLOCK ? x->columns - c : COLUMN_BLOCK;
    weight_panels weights = {
        (const char *)panels + c / columns_at_once * MARTLET_PANEL_ROWS * element_bytes(kind), MARTLET_PANEL_ROWS,
        panel_stride};
    for (size_t t = 0; t < x->tokens; t += TOKEN_BLOCK) {
      size_t tokens = x->tokens - t < TOKEN_BLOCK ? x->tokens - t : TOKEN_BLOCK;
      tile_values values = {x->values + t * x->columns + c, x->columns, columns};
      tile_results results = {y + t * y_stride, y_stride, rows, c == 0 ? bias : NULL, c != 0};
      if (tokens <= FEW_TOKENS)
        product_block(kind, true, 4, tokens, weights, values, results);
      else
        product_block(kind, false, TILE_VECTORS, tokens, weights, values, results);
    }
  }
}

#define DEFINE_MATMUL(name, kind)                                                                                   \
  TARGET void FORM(name)(martlet_layout layout, const void *panels, size_t rows, const martlet_activations *x,      \
                         const float *bias, float *y, size_t y_stride) {                                            \
    product(kind, layout, panels, rows, x, bias, y, y_stride);                                                      \
  }
