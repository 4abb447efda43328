// Products of two matrices of float32 in memory, written once for every vector form.
//
// As in floats.h a tile of TILE_TOKENS rows by TILE_VECTORS vectors of columns stays in registers. What a tile reads of b
// is first copied together for a block of the depth, turned where it lies the other way round, so that many rows meet it
// in the nearest cache. Few rows read b where it is.
#pragma once

enum { GEMM_DEPTH = 384, GEMM_ROWS = 240 };

// What a tile reads: its columns of b, `b_row` apart; and the block of a.
typedef struct gemm_block {
  const float *a, *b;
  size_t a_row, a_column, b_row, depth;
} gemm_block;

// Where its results go: the first `columns` of its vectors.
typedef struct gemm_results {
  float *start;
  size_t stride, columns;
  bool adds;
} gemm_results;

INLINE void gemm_tile(weight_kind kind, size_t vectors, size_t rows, gemm_block block, gemm_results c) {
  vf sums[4 * 12], w[4];
  UNROLL for (size_t i = 0; i < rows * vectors; i++) sums[i] = vf_zero();
  for (size_t k = 0; k < block.depth; k++) {
    UNROLL for (size_t v = 0; v < vectors; v++) w[v] = vf_load(block.b + v * VF_WIDTH);
    UNROLL for (size_t i = 0; i < rows; i++) {
      vf value = vf_set(block.a[i * block.a_row]);
      UNROLL for (size_t v = 0; v < vectors; v++) sums[i * vectors + v] =
          MULTIPLY_ADD(kind, w[v], value, sums[i * vectors + v]);
    }
    block.a += block.a_column;
    block.b += block.b_row;
  }
  bool whole = c.columns >= vectors * VF_WIDTH;
  UNROLL for (size_t i = 0; i < rows; i++) UNROLL for (size_t v = 0; v < vectors; v++) {
    float *to = c.start + i * c.stride;
    vf sum = sums[i * vectors + v];
    if (whole) {
      vf_store(to + v * VF_WIDTH, c.adds ? vf_add(sum, vf_load(to + v * VF_WIDTH)) : sum);
    } else {
      store_rows(to, v, c.columns, c.adds ? vf_add(sum, load_rows(to, v, c.columns)) : sum);
    }
  }
}

#define GEMM_CASE(n)                                                                                                \
  case n:                                                                                                           \
    gemm_tile(kind, vectors, n, block, c);                                                                          \
    break;

// All rows with one group of columns, in tiles as equal as can be.
INLINE void gemm_strip(weight_kind kind, size_t vectors, size_t rows, gemm_block block, gemm_results c) {
  size_t tiles = (rows + TILE_TOKENS - 1) / TILE_TOKENS;
  for (size_t i = 0; i < tiles; i++) {
    size_t here = rows / tiles + (i < rows % tiles);
    switch (here) {
      GEMM_CASE(1) GEMM_CASE(2) GEMM_CASE(3) GEMM_CASE(4) GEMM_CASE(5) GEMM_CASE(6)
#if TILE_TOKENS > 6
      GEMM_CASE(7) GEMM_CASE(8) GEMM_CASE(9) GEMM_CASE(10) GEMM_CASE(11) GEMM_CASE(12)
#endif
    }
    block.a += here * block.a_row;
    c.start += here * c.stride;
  }
}

// `depth` rows of `columns` values as [depth][vectors], zero beyond.
INLINE void copy_rows(const float *b, size_t stride, size_t depth, size_t columns, size_t vectors, float *out) {
  for (size_t k = 0; k < depth; k++)
    for (size_t v = 0; v < vectors; v++) vf_store(out + (k * vectors + v) * VF_WIDTH, load_rows(b + k * stride, v, columns));
}

// `columns` rows of `depth` values, turned into the same.
INLINE void copy_columns(const float *b, size_t stride, size_t depth, size_t columns, size_t vectors, float *out) {
  for (size_t v = 0; v < vectors; v++) {
    for (size_t k = 0; k < depth; k += VF_WIDTH) {
      size_t here = depth - k < VF_WIDTH ? depth - k : VF_WIDTH;
      vf rows[VF_WIDTH];
      UNROLL for (size_t i = 0; i < VF_WIDTH; i++) {
        size_t column = v * VF_WIDTH + i;
        const float *from = b + column * stride + k;
        rows[i] = column >= columns ? vf_zero() : here == VF_WIDTH ? vf_load(from) : vf_load_part(from, here);
      }
      vf_transpose(rows);
      for (size_t i = 0; i < here; i++) vf_store(out + ((k + i) * vectors + v) * VF_WIDTH, rows[i]);
    }
  }
}

// What a group of columns reads of b, as [depth][vectors].
INLINE void copy_block(const martlet_gemm *g, size_t depth, size_t columns, size_t vectors, const float *b, float *out) {
  if (g->b_column == 1)
    copy_rows(b, g->b_row, depth, columns, vectors, out);
  else
    copy_columns(b, g->b_column, depth, columns, vectors, out);
}

// One group of columns with all rows of a block.
INLINE void gemm_group(const martlet_gemm *g, size_t vectors, size_t rows, gemm_block block, gemm_results c) {
  _Alignas(64) float together[TILE_VECTORS * VF_WIDTH * GEMM_DEPTH];
  if (rows <= TILE_TOKENS && g->b_column == 1 && c.columns >= vectors * VF_WIDTH) {
    gemm_strip(FLOAT_WEIGHTS, vectors, rows, block, c);
    return;
  }
  copy_block(g, block.depth, c.columns, vectors, block.b, together);
  block.b = together;
  block.b_row = vectors * VF_WIDTH;
  gemm_strip(FLOAT_WEIGHTS, vectors, rows, block, c);
}

#define DEFINE_GEMM(name)                                                                                           \
  TARGET void FORM(name)(const martlet_gemm *g) {                                                                   \
    for (size_t k = 0; k < g->depth || k == 0; k += GEMM_DEPTH) {                                                   \
      size_t depth = g->depth - k < GEMM_DEPTH ? g->depth - k : GEMM_DEPTH;                                         \
      for (size_t i = 0; i < g->rows; i += GEMM_ROWS) {                                                             \
        size_t rows = g->rows - i < GEMM_ROWS ? g->rows - i : GEMM_ROWS;                                            \
        for (size_t j = 0, width; j < g->columns; j += width) {                                                     \
          bool is_wide = g->columns - j > VF_WIDTH;                                                                 \
          width = is_wide ? TILE_VECTORS * VF_WIDTH : VF_WIDTH;                                                     \
          gemm_block block = {g->a + i * g->a_row + k * g->a_column, g->b + k * g->b_row + j * g->b_column,         \
                              g->a_row, g->a_column, g->b_row, depth};                                              \
          gemm_results c = {g->c + i * g->c_row + j, g->c_row, g->columns - j, g->adds || k != 0};                  \
          if (is_wide)                                                                                              \
            gemm_group(g, TILE_VECTORS, rows, block, c);                                                            \
          else                                                                                                      \
            gemm_group(g, 1, rows, block, c);                                                                       \
        }                                                                                                           \
      }                                                                                                             \
    }                                                                                                               \
  }
