// Products with quantized weights by VNNI: one 32-bit lane of a vector holds four columns of one row, so that a
// broadcast of four activations meets sixteen rows in one instruction. A block's weights are taken apart once for a
// whole tile of tokens.
#include "../layouts.h"
#include "form.h"

#ifdef MARTLET_FORM_COMPILES
#include "vector.h"

#ifndef UNROLL
#define UNROLL _Pragma("clang loop unroll(full)")
#endif

#define TILE_TOKENS 12
#define TILE_VECTORS 2
#define FEW_TOKENS 4
#include "../bodies/floats.h"

enum { QUADS = 8, MOST_TOKENS = 12, MOST_BLOCKS = 512 };

// (a | (b & mask)) in one instruction.
#define OR_AND(a, b, mask) _mm512_ternarylogic_epi32(a, b, mask, 0xf8)

// The eight quads of a block: lane r of quad c holds columns 4c...4c+3 of row r, unsigned.
INLINE void take_apart(martlet_layout layout, martlet_block parts, const uint8_t *block, __m512i quads[QUADS]) {
  if (layout.bits == 8) {
    UNROLL for (int c = 0; c < QUADS; c++) quads[c] = _mm512_loadu_si512(block + parts.bytes + 64 * c);
    return;
  }
  const __m512i low = _mm512_set1_epi8(0x0f);
  UNROLL for (int k = 0; k < 4; k++) {
    __m512i pairs = _mm512_loadu_si512(block + parts.nibbles + 64 * k);
    quads[k] = _mm512_and_si512(pairs, low);
    quads[k + 4] = _mm512_and_si512(_mm512_srli_epi16(pairs, 4), low);
  }
  if (layout.bits == 5) {
    const __m512i fifth = _mm512_set1_epi8(0x10);
    __m512i bits = _mm512_loadu_si512(block + parts.high);
    UNROLL for (int c = 0; c < QUADS; c++) {
      __m512i moved = c <= 4 ? _mm512_slli_epi16(bits, (unsigned)(4 - c)) : _mm512_srli_epi16(bits, (unsigned)(c - 4));
      quads[c] = OR_AND(quads[c], moved, fifth);
    }
  }
  if (layout.bits == 6) {
    const __m512i high = _mm512_set1_epi8(0x30);
    UNROLL for (int h = 0; h < 2; h++) {
      __m512i bits = _mm512_loadu_si512(block + parts.high + 64 * h);
      quads[4 * h] = OR_AND(quads[4 * h], _mm512_slli_epi16(bits, 4), high);
      quads[4 * h + 1] = OR_AND(quads[4 * h + 1], _mm512_slli_epi16(bits, 2), high);
      quads[4 * h + 2] = OR_AND(quads[4 * h + 2], bits, high);
      quads[4 * h + 3] = OR_AND(quads[4 * h + 3], _mm512_srli_epi16(bits, 2), high);
    }
  }
}

INLINE __m512 halves(const uint8_t *at) { return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(const void *)at)); }

INLINE __m512i broadcast_quad(const int8_t *at) {
  int32_t quad;
  memcpy(&quad, at, 4);
  return _mm512_set1_epi32(quad);
}

// What is added for each unit of a group's activations: the minima, or minus half the range times the scale.
INLINE __m512 minimum_of(martlet_layout layout, martlet_block parts, const uint8_t *block, int group, __m512 scale) {
  if (layout.has_minima) return halves(block + parts.minima + 32 * group);
  return _mm512_mul_ps(scale, _mm512_set1_ps(-(float)(1 << (layout.bits - 1))));
}

// A tile of activations, and what their sums are needed for: with minima the totals meet those (the sums of each group
// where groups have 16 columns), else the sums of each group times the weights' offset are what its dot product starts
// from.
typedef struct tile {
  const int8_t *values;
  const float *scales;    // [tokens][blocks]
  const float *totals;    // [tokens][blocks]
  const int32_t *starts;  // [tokens][blocks][32 / group]; with minima for 16 columns: the sums of each group
  size_t columns, blocks;
} tile;

// One block of one panel against one token of a tile.
INLINE __m512 add_block(martlet_layout layout, const tile *x, size_t token, size_t block, const __m512i quads[QUADS],
                        const __m512 scales[2], const __m512 minima[2], __m512 sum) {
  const int groups = 32 / layout.group, per_group = QUADS / groups;
  const int8_t *values = x->values + token * x->columns + 32 * block;
  size_t index = token * x->blocks + block;
  __m512 x_scale = _mm512_set1_ps(x->scales[index]);
  UNROLL for (int g = 0; g < groups; g++) {
    __m512i dot = _mm512_setzero_si512();
    if (!layout.has_minima) dot = _mm512_set1_epi32(x->starts[index * (size_t)groups + (size_t)g]);
    UNROLL for (int c = g * per_group; c < (g + 1) * per_group; c++)
      dot = _mm512_dpbusd_epi32(dot, quads[c], broadcast_quad(values + 4 * c));
    sum = _mm512_fmadd_ps(_mm512_cvtepi32_ps(dot), _mm512_mul_ps(scales[g], x_scale), sum);
    if (layout.has_minima && groups > 1) {
      float total = x->scales[index] * (float)x->starts[index * (size_t)groups + (size_t)g];
      sum = _mm512_fmadd_ps(minima[g], _mm512_set1_ps(total), sum);
    }
  }
  return layout.has_minima && groups == 1 ? _mm512_fmadd_ps(minima[0], _mm512_set1_ps(x->totals[index]), sum) : sum;
}

// One panel against `tokens` tokens, a number that the compiler knows.
INLINE void multiply_panel(martlet_layout layout, const uint8_t *panel, __mmask16 rows, const tile *x, const int tokens,
                           const float *bias, float *y, size_t y_stride) {
  const martlet_block parts = martlet_block_of(layout);
  __m512 sums[MOST_TOKENS];
  __m512 start = bias ? _mm512_maskz_loadu_ps(rows, bias) : _mm512_setzero_ps();
  UNROLL for (int t = 0; t < tokens; t++) sums[t] = start;
  for (size_t b = 0; b < x->blocks; b++, panel += parts.size) {
    __m512i quads[QUADS];
    __m512 scales[2], minima[2];
    if (tokens == 1) {
      UNROLL for (size_t ahead = 0; ahead < parts.size; ahead += 64) _mm_prefetch((const char *)panel + 2048 + ahead, _MM_HINT_T0);
    }
    take_apart(layout, parts, panel, quads);
    UNROLL for (int g = 0; g < 32 / layout.group; g++) {
      scales[g] = halves(panel + 32 * g);
      if (layout.has_minima) minima[g] = halves(panel + parts.minima + 32 * g);
    }
    UNROLL for (int t = 0; t < tokens; t++) sums[t] = add_block(layout, x, (size_t)t, b, quads, scales, minima, sums[t]);
  }
  UNROLL for (int t = 0; t < tokens; t++) _mm512_mask_storeu_ps(y + (size_t)t * y_stride, rows, sums[t]);
}

// What the dot products of `tokens` tokens start from.
INLINE void make_starts(martlet_layout layout, const martlet_activations *x, size_t first, size_t tokens,
                        int32_t *starts) {
  size_t blocks = x->columns / 32;
  const int offset = layout.has_minima ? -1 : 1 << (layout.bits - 1);
  const int16_t *sums = x->sums + first * blocks * 2;
  if (layout.has_minima && layout.group == 32) return;
  if (layout.group == 32) {
    for (size_t i = 0; i < tokens * blocks; i++) starts[i] = -offset * (sums[2 * i] + sums[2 * i + 1]);
  } else {
    for (size_t i = 0; i < tokens * blocks * 2; i++) starts[i] = -offset * sums[i];
  }
}

INLINE void multiply_tile(martlet_layout layout, const uint8_t *panels, size_t rows, const tile *x, const int tokens,
                          const float *bias, float *y, size_t y_stride) {
  size_t panel_bytes = martlet_panel_bytes(layout, x->columns);
  for (size_t r = 0; r < rows; r += 16, panels += panel_bytes) {
    __mmask16 mask = rows - r >= 16 ? 0xffff : (__mmask16)((1u << (rows - r)) - 1);
    multiply_panel(layout, panels, mask, x, tokens, bias ? bias + r : NULL, y + r, y_stride);
  }
}

INLINE void multiply_quantized(martlet_layout layout, const uint8_t *panels, size_t rows, const martlet_activations *x,
                               const float *bias, float *y, size_t y_stride) {
  int32_t starts[MOST_TOKENS * MOST_BLOCKS * 2];
  size_t blocks = x->columns / 32;
  // Two groups a block want twice the scales, and leave registers for fewer tokens.
  const size_t widest = layout.group == 32 ? MOST_TOKENS : 8;
  bool fits = blocks <= MOST_BLOCKS;
  for (size_t t = 0; t < x->tokens;) {
    size_t left = x->tokens - t, count = !fits || left < 4 ? 1 : left < 8 ? 4 : left < widest ? 8 : widest;
    make_starts(layout, x, t, count, starts);
    tile part = {x->quantized + t * x->columns, x->scales + t * blocks, x->totals + t * blocks, starts, x->columns,
                 blocks};
    float *out = y + t * y_stride;
    switch (count) {
      case MOST_TOKENS: multiply_tile(layout, panels, rows, &part, MOST_TOKENS, bias, out, y_stride); break;
      case 8: multiply_tile(layout, panels, rows, &part, 8, bias, out, y_stride); break;
      case 4: multiply_tile(layout, panels, rows, &part, 4, bias, out, y_stride); break;
      default: multiply_tile(layout, panels, rows, &part, 1, bias, out, y_stride); break;
    }
    t += count;
  }
}

// A block's weights as floats: [32 columns][16 rows].
INLINE void widen_block(martlet_layout layout, martlet_block parts, const uint8_t *block, float *out) {
  __m512i quads[QUADS];
  take_apart(layout, parts, block, quads);
  for (int g = 0; g < 32 / layout.group; g++) {
    __m512 scale = halves(block + 32 * g), minimum = minimum_of(layout, parts, block, g, scale);
    UNROLL for (int c = g * layout.group; c < (g + 1) * layout.group; c++) {
      __m512i q = _mm512_and_si512(_mm512_srlv_epi32(quads[c / 4], _mm512_set1_epi32(c % 4 * 8)), _mm512_set1_epi32(255));
      _mm512_store_ps(out + 16 * c, _mm512_fmadd_ps(_mm512_cvtepi32_ps(q), scale, minimum));
    }
  }
}

// Exactly, few tokens: each block's weights as floats in turn.
INLINE void multiply_few_exactly(martlet_layout layout, const uint8_t *panel, __mmask16 rows,
                                 const martlet_activations *x, const float *bias, float *y, size_t y_stride) {
  const martlet_block parts = martlet_block_of(layout);
  __m512 sums[MOST_TOKENS];
  for (size_t t = 0; t < x->tokens; t++) sums[t] = bias ? _mm512_maskz_loadu_ps(rows, bias) : _mm512_setzero_ps();
  for (size_t b = 0; b < x->columns / 32; b++, panel += parts.size) {
    _Alignas(64) float weights[32 * 16];
    widen_block(layout, parts, panel, weights);
    for (size_t t = 0; t < x->tokens; t++) {
      const float *values = x->values + t * x->columns + 32 * b;
      for (int c = 0; c < 32; c++)
        sums[t] = _mm512_fmadd_ps(_mm512_load_ps(weights + 16 * c), _mm512_set1_ps(values[c]), sums[t]);
    }
  }
  for (size_t t = 0; t < x->tokens; t++) _mm512_mask_storeu_ps(y + t * y_stride, rows, sums[t]);
}

// Exactly, many tokens: two panels' blocks become floats once, which all tokens meet in tiles.
INLINE void multiply_many_exactly(martlet_layout layout, const uint8_t *panels, size_t rows,
                                  const martlet_activations *x, const float *bias, float *y, size_t y_stride) {
  _Alignas(64) float wide[TILE_VECTORS * MARTLET_PANEL_ROWS * COLUMN_BLOCK];
  const martlet_block parts = martlet_block_of(layout);
  const size_t panel_bytes = martlet_panel_bytes(layout, x->columns);
  for (size_t r = 0; r < rows; r += TILE_VECTORS * MARTLET_PANEL_ROWS, panels += TILE_VECTORS * panel_bytes) {
    size_t vectors = rows - r > MARTLET_PANEL_ROWS ? TILE_VECTORS : 1;
    for (size_t c = 0; c < x->columns; c += COLUMN_BLOCK) {
      size_t columns = x->columns - c < COLUMN_BLOCK ? x->columns - c : COLUMN_BLOCK;
      float *out = wide;
      for (size_t p = 0; p < vectors; p++) {
        const uint8_t *block = panels + p * panel_bytes + c / 32 * parts.size;
        for (size_t b = 0; b < columns / 32; b++, block += parts.size, out += 32 * MARTLET_PANEL_ROWS)
          widen_block(layout, parts, block, out);
      }
      weight_panels widened = {wide, MARTLET_PANEL_ROWS, columns * MARTLET_PANEL_ROWS};
      tile_values values = {x->values + c, x->columns, columns};
      tile_results results = {y + r, y_stride, rows - r, c == 0 && bias ? bias + r : NULL, c != 0};
      if (vectors == TILE_VECTORS)
        product_strip(FLOAT_WEIGHTS, false, TILE_VECTORS, x->tokens, widened, values, results);
      else
        product_strip(FLOAT_WEIGHTS, false, 1, x->tokens, widened, values, results);
    }
  }
}

INLINE void multiply(martlet_layout layout, const uint8_t *panels, size_t rows, const martlet_activations *x,
                     const float *bias, float *y, size_t y_stride) {
  if (x->quantized && x->columns / 32 > MOST_TOKENS * MOST_BLOCKS) {  // 196,608 columns: more than any model has
    martlet_portable_matmul_blocks(layout, panels, rows, x, bias, y, y_stride);
    return;
  }
  if (x->quantized) {
    multiply_quantized(layout, panels, rows, x, bias, y, y_stride);
    return;
  }
  if (x->tokens > MOST_TOKENS) {
    multiply_many_exactly(layout, panels, rows, x, bias, y, y_stride);
    return;
  }
  size_t panel_bytes = martlet_panel_bytes(layout, x->columns);
  for (size_t r = 0; r < rows; r += 16, panels += panel_bytes) {
    __mmask16 mask = rows - r >= 16 ? 0xffff : (__mmask16)((1u << (rows - r)) - 1);
    multiply_few_exactly(layout, panels, mask, x, bias ? bias + r : NULL, y + r, y_stride);
  }
}

// One copy of the loops for each layout, so that its parts are constants.
#define VARIANT(name, ...)                                                                                       \
  TARGET static void name(const uint8_t *panels, size_t rows, const martlet_activations *x, const float *bias,   \
                          float *y, size_t y_stride) {                                                           \
    multiply((martlet_layout){MARTLET_LAYOUT_BLOCKS, __VA_ARGS__}, panels, rows, x, bias, y, y_stride);          \
  }
VARIANT(multiply_4, 4, 32, 0)
VARIANT(multiply_4_minima, 4, 32, 1)
VARIANT(multiply_4_groups, 4, 16, 1)
VARIANT(multiply_5, 5, 32, 0)
VARIANT(multiply_5_minima, 5, 32, 1)
VARIANT(multiply_6, 6, 16, 0)
VARIANT(multiply_8, 8, 32, 0)

TARGET void FORM(matmul_blocks)(martlet_layout layout, const void *panels, size_t rows, const martlet_activations *x,
                                const float *bias, float *y, size_t y_stride) {
  switch (layout.bits) {
    case 4:
      (layout.group == 16 ? multiply_4_groups : layout.has_minima ? multiply_4_minima : multiply_4)(
          panels, rows, x, bias, y, y_stride);
      break;
    case 5: (layout.has_minima ? multiply_5_minima : multiply_5)(panels, rows, x, bias, y, y_stride); break;
    case 6: multiply_6(panels, rows, x, bias, y, y_stride); break;
    default: multiply_8(panels, rows, x, bias, y, y_stride); break;
  }
}

#endif
