// Products of quantized weights with many tokens, for blocks.c.
//
// A strip of a panel (16 rows by at most 576 columns) is taken apart once and meets the tokens in tiles of four. A tile holds
// the same quad of columns of its four tokens side by side, so that all it reads lies at constant distances from one
// address; each broadcast quad meets both halves of the panel's rows.
#pragma once

#include "blocks.h"

#ifdef MARTLET_FORM_COMPILES

enum { STRIP_BLOCKS = 18, TILE_TOKENS = 4, GROUP_TOKENS = 48, GROUP_TILES = GROUP_TOKENS / TILE_TOKENS };

// Weights of 4 to 6 bits stay unsigned bytes, a quad of columns to a lane. Those of 8 bits become 16-bit pairs: with
// `madd`, which adds in 32 bits at once, a pair costs what taking the sign out of a quad would cost.
typedef struct weight_strip {
  uint8_t values[STRIP_BLOCKS * QUADS * 128];  // [block][quad][16 rows][4], or [block][quad][pair][16 rows][2 x 16 bits]
  float scales[STRIP_BLOCKS][2][16], minima[STRIP_BLOCKS][2][16];
} weight_strip;

typedef struct token_tile {
  uint8_t values[STRIP_BLOCKS * QUADS * 32];  // [block][quad][4 tokens][4], or [block][quad][pair][4 tokens][2 x 16 bits]
  float scales[STRIP_BLOCKS][TILE_TOKENS];
  float sums[STRIP_BLOCKS][2][TILE_TOKENS];  // of each group of columns, times the block's scale
} token_tile;

// Bytes of a quad of 16 rows (of a tile: a quarter of it).
INLINE size_t quad_bytes(martlet_layout layout) { return layout.bits == 8 ? 128 : 64; }

// A vector of signed quads as two of pairs: columns 0 and 2, and columns 1 and 3.
INLINE __m256i even_columns(__m256i quads) { return _mm256_srai_epi16(_mm256_slli_epi16(quads, 8), 8); }
INLINE __m256i odd_columns(__m256i quads) { return _mm256_srai_epi16(quads, 8); }

INLINE void store(uint8_t *at, __m256i value) { _mm256_storeu_si256((__m256i *)(void *)at, value); }

INLINE void take_strip(martlet_layout layout, const uint8_t *panel, size_t blocks, weight_strip *out) {
  const martlet_block parts = martlet_block_of(layout);
  for (size_t b = 0; b < blocks; b++, panel += parts.size) {
    uint8_t *values = out->values + b * QUADS * quad_bytes(layout);
    UNROLL for (int h = 0; h < 2; h++) {
      UNROLL for (int c = 0; c < QUADS; c++) {
        __m256i quad = take_apart(layout, parts, panel + 32 * h, c);
        uint8_t *at = values + (size_t)c * quad_bytes(layout) + 32 * h;
        if (layout.bits == 8) {
          quad = _mm256_xor_si256(quad, _mm256_set1_epi8(-128));
          store(at, even_columns(quad));
          store(at + 64, odd_columns(quad));
        } else {
          store(at, quad);
        }
      }
      UNROLL for (int g = 0; g < 32 / layout.group; g++) {
        __m256 scale = halves(panel + 32 * g + 16 * h);
        _mm256_storeu_ps(out->scales[b][g] + 8 * h, scale);
        if (layout.bits != 8)
          _mm256_storeu_ps(out->minima[b][g] + 8 * h, minimum_of(layout, parts, panel + 16 * h, g, scale));
      }
    }
  }
}

// Stores quad `c` of four tokens (the low half of `quads`) and quad c + 4 (the high half).
INLINE void store_quads(martlet_layout layout, uint8_t *values, int c, __m256i quads) {
  const size_t stride = quad_bytes(layout) / 4;
  uint8_t *low = values + (size_t)c * stride, *high = low + 4 * stride;
  UNROLL for (int part = 0; part < (layout.bits == 8 ? 2 : 1); part++) {
    __m256i taken = layout.bits != 8 ? quads : part == 0 ? even_columns(quads) : odd_columns(quads);
    _mm_storeu_si128((__m128i *)(void *)(low + 16 * part), _mm256_castsi256_si128(taken));
    _mm_storeu_si128((__m128i *)(void *)(high + 16 * part), _mm256_extracti128_si256(taken, 1));
  }
}

// The four tokens' numbers of each column side by side, `stride` apart.
INLINE void transpose(const float *const rows[TILE_TOKENS], size_t columns, size_t stride, float *out) {
  size_t c = 0;
  for (; c + 4 <= columns; c += 4) {
    __m128 a = _mm_loadu_ps(rows[0] + c), b = _mm_loadu_ps(rows[1] + c);
    __m128 d = _mm_loadu_ps(rows[2] + c), e = _mm_loadu_ps(rows[3] + c);
    __m128 ab = _mm_unpacklo_ps(a, b), de = _mm_unpacklo_ps(d, e);
    __m128 high_ab = _mm_unpackhi_ps(a, b), high_de = _mm_unpackhi_ps(d, e);
    _mm_storeu_ps(out + c * stride, _mm_movelh_ps(ab, de));
    _mm_storeu_ps(out + (c + 1) * stride, _mm_movehl_ps(de, ab));
    _mm_storeu_ps(out + (c + 2) * stride, _mm_movelh_ps(high_ab, high_de));
    _mm_storeu_ps(out + (c + 3) * stride, _mm_movehl_ps(high_de, high_ab));
  }
  for (; c < columns; c++)
    for (size_t t = 0; t < TILE_TOKENS; t++) out[c * stride + t] = rows[t][c];
}

// Blocks begin...begin+blocks of four tokens. Where fewer are left, the last stands in for those that are missing.
INLINE void take_tile(martlet_layout layout, const martlet_activations *x, size_t first, size_t tokens, size_t begin,
                      size_t blocks, token_tile *out) {
  const size_t groups = (size_t)(32 / layout.group), all = x->columns / 32;
  float sums[TILE_TOKENS][STRIP_BLOCKS * 2];
  const int8_t *rows[TILE_TOKENS];
  const float *scales[TILE_TOKENS];
  for (size_t t = 0; t < TILE_TOKENS; t++) {
    size_t token = first + (t < tokens ? t : tokens - 1);
    rows[t] = x->quantized + token * x->columns + 32 * begin;
    scales[t] = x->scales + token * all + begin;
    if (layout.bits != 8) scale_sums(layout, x, token, begin, begin + blocks, sums[t]);
  }
  for (size_t b = 0; b < blocks; b++) {
    uint8_t *values = out->values + b * QUADS * quad_bytes(layout) / 4;
    __m256i r[TILE_TOKENS];
    UNROLL for (int t = 0; t < TILE_TOKENS; t++) r[t] = load((const uint8_t *)rows[t] + 32 * b);
    __m256i low01 = _mm256_unpacklo_epi32(r[0], r[1]), high01 = _mm256_unpackhi_epi32(r[0], r[1]);
    __m256i low23 = _mm256_unpacklo_epi32(r[2], r[3]), high23 = _mm256_unpackhi_epi32(r[2], r[3]);
    store_quads(layout, values, 0, _mm256_unpacklo_epi64(low01, low23));
    store_quads(layout, values, 1, _mm256_unpackhi_epi64(low01, low23));
    store_quads(layout, values, 2, _mm256_unpacklo_epi64(high01, high23));
    store_quads(layout, values, 3, _mm256_unpackhi_epi64(high01, high23));
  }
  transpose(scales, blocks, TILE_TOKENS, out->scales[0]);
  if (layout.bits == 8) return;
  const float *rows_of_sums[TILE_TOKENS] = {sums[0], sums[1], sums[2], sums[3]};
  transpose(rows_of_sums, blocks * groups, groups == 1 ? 2 * TILE_TOKENS : TILE_TOKENS, out->sums[0][0]);
}

// One token's quad of columns in all lanes. With 4 or 8 bits a load for each token is quickest, with 5 or 6 one load for
// all four: there registers are short, and what they spill is loaded again.
INLINE __m256i token_quad(martlet_layout layout, const uint8_t *quads, __m256i all, int token) {
  if (layout.bits == 4 || layout.bits == 8) return broadcast_quad((const int8_t *)quads + 4 * token);
  switch (token) {
    case 0: return _mm256_shuffle_epi32(all, 0x00);
    case 1: return _mm256_shuffle_epi32(all, 0x55);
    case 2: return _mm256_shuffle_epi32(all, 0xaa);
    default: return _mm256_shuffle_epi32(all, 0xff);
  }
}

// Integer products of one group of a block's columns with four tokens, in 32 bits.
INLINE void tile_dots(martlet_layout layout, const uint8_t *weights, const uint8_t *values, int group,
                      __m256i dots[TILE_TOKENS][2]) {
  const int quads = layout.group / 4, first = group * quads, run = run_length(layout);
  if (layout.bits == 8) {
    UNROLL for (int p = 2 * first; p < 2 * (first + quads); p++) {
      __m256i low = load(weights + 64 * p), high = load(weights + 64 * p + 32);
      UNROLL for (int t = 0; t < TILE_TOKENS; t++) {
        __m256i x = broadcast_quad((const int8_t *)values + 16 * p + 4 * t);
        __m256i a = _mm256_madd_epi16(low, x), b = _mm256_madd_epi16(high, x);
        dots[t][0] = p == 2 * first ? a : _mm256_add_epi32(dots[t][0], a);
        dots[t][1] = p == 2 * first ? b : _mm256_add_epi32(dots[t][1], b);
        KEEP(dots[t][0]);
        KEEP(dots[t][1]);
      }
    }
    return;
  }
  UNROLL for (int start = first; start < first + quads; start += run) {
    __m256i sums[TILE_TOKENS][2];
    UNROLL for (int c = start; c < start + run; c++) {
      __m256i low = load(weights + 64 * c), high = load(weights + 64 * c + 32);
      __m256i all = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)(values + 16 * c)));
      KEEP(all);
      UNROLL for (int t = 0; t < TILE_TOKENS; t++) {
        __m256i x = token_quad(layout, values + 16 * c, all, t);
        __m256i a = _mm256_maddubs_epi16(low, x), b = _mm256_maddubs_epi16(high, x);
        sums[t][0] = c == start ? a : _mm256_add_epi16(sums[t][0], a);
        sums[t][1] = c == start ? b : _mm256_add_epi16(sums[t][1], b);
        KEEP(sums[t][0]);
        KEEP(sums[t][1]);
      }
    }
    UNROLL for (int t = 0; t < TILE_TOKENS; t++) UNROLL for (int h = 0; h < 2; h++) {
      __m256i wide = _mm256_madd_epi16(sums[t][h], _mm256_set1_epi16(1));
      dots[t][h] = start == first ? wide : _mm256_add_epi32(dots[t][h], wide);
    }
  }
}

// totals [token][16 rows] += what the minima of a strip add to the products with a tile.
INLINE void add_minima(martlet_layout layout, const weight_strip *weights, const token_tile *tile, size_t blocks,
                       float totals[TILE_TOKENS][16]) {
  __m256 sums[TILE_TOKENS][2];
  UNROLL for (int t = 0; t < TILE_TOKENS; t++)
    UNROLL for (int h = 0; h < 2; h++) sums[t][h] = _mm256_loadu_ps(totals[t] + 8 * h);
  for (size_t b = 0; b < blocks; b++) {
    UNROLL for (int g = 0; g < 32 / layout.group; g++) {
      __m256 low = _mm256_loadu_ps(weights->minima[b][g]), high = _mm256_loadu_ps(weights->minima[b][g] + 8);
      UNROLL for (int t = 0; t < TILE_TOKENS; t++) {
        __m256 sum = _mm256_set1_ps(tile->sums[b][g][t]);
        sums[t][0] = _mm256_fmadd_ps(low, sum, sums[t][0]);
        sums[t][1] = _mm256_fmadd_ps(high, sum, sums[t][1]);
      }
    }
  }
  UNROLL for (int t = 0; t < TILE_TOKENS; t++)
    UNROLL for (int h = 0; h < 2; h++) _mm256_storeu_ps(totals[t] + 8 * h, sums[t][h]);
}

// totals [token][16 rows] += the products of a strip with a tile. The integer sums of a block take the registers, so that
// totals wait in memory; the minima, which go from block to block without them, have a loop of their own.
INLINE void multiply_tile(martlet_layout layout, const weight_strip *weights, const token_tile *tile, size_t blocks,
                          float totals[TILE_TOKENS][16]) {
  if (layout.bits != 8) add_minima(layout, weights, tile, blocks, totals);
  for (size_t b = 0; b < blocks; b++) {
    UNROLL for (int g = 0; g < 32 / layout.group; g++) {
      __m256i dots[TILE_TOKENS][2];
      tile_dots(layout, weights->values + b * QUADS * quad_bytes(layout),
                tile->values + b * QUADS * quad_bytes(layout) / 4, g, dots);
      UNROLL for (int t = 0; t < TILE_TOKENS; t++) {
        __m256 factor = _mm256_set1_ps(tile->scales[b][t]);
        UNROLL for (int h = 0; h < 2; h++) {
          __m256 scale = _mm256_mul_ps(_mm256_loadu_ps(weights->scales[b][g] + 8 * h), factor);
          __m256 total = _mm256_loadu_ps(totals[t] + 8 * h);
          total = _mm256_fmadd_ps(_mm256_cvtepi32_ps(dots[t][h]), scale, total);
          _mm256_storeu_ps(totals[t] + 8 * h, total);
        }
      }
      KEEP_IN_MEMORY(*(float(*)[TILE_TOKENS][16])totals);
    }
  }
}

// One strip of one panel with all tiles of a group; `y` is where its first token's results for the panel stand, and
// holds the sums of the strips before it.
INLINE void multiply_strip(martlet_layout layout, const weight_strip *weights, const token_tile *tiles, size_t tokens,
                           size_t blocks, bool is_first, size_t rows, const float *bias, float *y, size_t y_stride) {
  for (size_t t = 0; t < tokens; t += TILE_TOKENS) {
    size_t here = tokens - t < TILE_TOKENS ? tokens - t : TILE_TOKENS;
    float totals[TILE_TOKENS][16];
    start_totals(TILE_TOKENS, rows, is_first ? bias : NULL, totals);
    if (!is_first)
      for (size_t i = 0; i < here; i++) memcpy(totals[i], y + (t + i) * y_stride, rows * sizeof(float));
    multiply_tile(layout, weights, &tiles[t / TILE_TOKENS], blocks, totals);
    store_totals(here, rows, totals, y + t * y_stride, y_stride);
  }
}

INLINE void multiply_many(martlet_layout layout, const uint8_t *panels, size_t rows, const martlet_activations *x,
                          const float *bias, float *y, size_t y_stride) {
  const martlet_block parts = martlet_block_of(layout);
  size_t panel_bytes = martlet_panel_bytes(layout, x->columns), blocks = x->columns / 32;
  size_t strips = (blocks + STRIP_BLOCKS - 1) / STRIP_BLOCKS, most = (blocks + strips - 1) / strips;
  _Alignas(64) weight_strip weights;
  _Alignas(64) token_tile tiles[GROUP_TILES];
  for (size_t first = 0; first < x->tokens; first += GROUP_TOKENS) {
    size_t tokens = x->tokens - first < GROUP_TOKENS ? x->tokens - first : GROUP_TOKENS;
    for (size_t begin = 0; begin < blocks; begin += most) {
      size_t count = blocks - begin < most ? blocks - begin : most;
      for (size_t t = 0; t < tokens; t += TILE_TOKENS) {
        size_t here = tokens - t < TILE_TOKENS ? tokens - t : TILE_TOKENS;
        take_tile(layout, x, first + t, here, begin, count, &tiles[t / TILE_TOKENS]);
      }
      for (size_t r = 0; r < rows; r += 16) {
        take_strip(layout, panels + r / 16 * panel_bytes + begin * parts.size, count, &weights);
        multiply_strip(layout, &weights, tiles, tokens, count, begin == 0, rows - r < 16 ? rows - r : 16,
                       bias ? bias + r : NULL, y + first * y_stride + r, y_stride);
      }
    }
  }
}

#endif
