// The loops of blocks.c for few tokens and for float activations, written once for all layouts; tiles.h has those for
// many tokens.
#pragma once

#include "../layouts.h"
#include "form.h"

#ifdef MARTLET_FORM_COMPILES

#ifndef UNROLL
#define UNROLL _Pragma("clang loop unroll(full)")
#endif

enum { QUADS = 8, FEW_TOKENS = 4, MOST_SUMS = 1024, EXACT_TOKENS = 6, EXACT_GROUP = 48 };

// How many maddubs results of a layout may be added in 16 bits, at most those of a group.
INLINE int run_length(martlet_layout layout) {
  return layout.bits == 4 ? layout.group / 4 : layout.bits == 5 ? 4 : layout.bits == 6 ? 2 : 1;
}

INLINE __m256i load(const uint8_t *at) { return _mm256_loadu_si256((const __m256i *)(const void *)at); }

INLINE __m256 halves(const uint8_t *at) {
  return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)at));
}

INLINE __m256i broadcast_quad(const int8_t *at) {
  int32_t quad;
  memcpy(&quad, at, 4);
  return _mm256_set1_epi32(quad);
}

// Quad `c` of eight rows: lane r holds columns 4c...4c+3 of row r, unsigned. `at` is the block plus 32 bytes for the
// panel's second eight rows.
INLINE __m256i take_apart(martlet_layout layout, martlet_block parts, const uint8_t *at, int c) {
  if (layout.bits == 8) return load(at + parts.bytes + 64 * c);
  __m256i pairs = load(at + parts.nibbles + 64 * (c % 4));
  __m256i quad = _mm256_and_si256(c < 4 ? pairs : _mm256_srli_epi16(pairs, 4), _mm256_set1_epi8(0x0f));
  if (layout.bits == 5) {
    __m256i bits = load(at + parts.high);
    bits = c <= 4 ? _mm256_slli_epi16(bits, 4 - (c & 7)) : _mm256_srli_epi16(bits, c - 4);
    quad = _mm256_or_si256(quad, _mm256_and_si256(bits, _mm256_set1_epi8(0x10)));
  }
  if (layout.bits == 6) {
    __m256i bits = load(at + parts.high + 64 * (c / 4));
    bits = c % 4 == 3 ? _mm256_srli_epi16(bits, 2) : _mm256_slli_epi16(bits, 4 - 2 * (c % 4));
    quad = _mm256_or_si256(quad, _mm256_and_si256(bits, _mm256_set1_epi8(0x30)));
  }
  return quad;
}

// What is added for each unit of a group's activations: the minima, or minus half the range times the scale. Weights
// of 8 bits take part with their sign, and need neither.
INLINE __m256 minimum_of(martlet_layout layout, martlet_block parts, const uint8_t *at, int group, __m256 scale) {
  if (layout.has_minima) return halves(at + parts.minima + 32 * group);
  return _mm256_mul_ps(scale, _mm256_set1_ps(-(float)(1 << (layout.bits - 1))));
}

// Activations of some tokens, from some column on, with their sums times their scales.
typedef struct tile {
  const int8_t *values;
  const float *scales;  // of a token's first block
  const float *sums;    // [token][sums_stride]: a sum for each group
  size_t columns, blocks, sums_stride;
} tile;

// Integer products of one group's quads with each token of a tile.
INLINE void dot_group(martlet_layout layout, const __m256i quads[QUADS], int group, const int8_t *values,
                      size_t stride, const int tokens, __m256i dots[]) {
  const __m256i ones = _mm256_set1_epi16(1);
  const int per_group = layout.group / 4, run = run_length(layout), first = group * per_group;
  UNROLL for (int start = first; start < first + per_group; start += run) {
    __m256i sums[FEW_TOKENS];
    UNROLL for (int c = start; c < start + run; c++) {
      UNROLL for (int t = 0; t < tokens; t++) {
        __m256i x = broadcast_quad(values + (size_t)t * stride + 4 * c), product;
        if (layout.bits == 8)
          product = _mm256_maddubs_epi16(_mm256_abs_epi8(quads[c]), _mm256_sign_epi8(x, quads[c]));
        else
          product = _mm256_maddubs_epi16(quads[c], x);
        sums[t] = c == start ? product : _mm256_add_epi16(sums[t], product);
        KEEP(sums[t]);
      }
    }
    UNROLL for (int t = 0; t < tokens; t++) {
      __m256i wide = _mm256_madd_epi16(sums[t], ones);
      dots[t] = start == first ? wide : _mm256_add_epi32(dots[t], wide);
    }
  }
}

// Adds block `b`'s share of eight rows to each token's total.
INLINE void add_block(martlet_layout layout, const __m256i quads[QUADS], const __m256 scales[2],
                      const __m256 minima[2], const tile *x, size_t b, const int tokens, __m256 totals[]) {
  const int groups = 32 / layout.group;
  UNROLL for (int g = 0; g < groups; g++) {
    __m256i dots[FEW_TOKENS];
    dot_group(layout, quads, g, x->values + 32 * b, x->columns, tokens, dots);
    UNROLL for (int t = 0; t < tokens; t++) {
      __m256 scale = _mm256_mul_ps(scales[g], _mm256_set1_ps(x->scales[(size_t)t * x->blocks + b]));
      totals[t] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(dots[t]), scale, totals[t]);
      if (layout.bits == 8) continue;
      __m256 sum = _mm256_set1_ps(x->sums[(size_t)t * x->sums_stride + b * (size_t)groups + (size_t)g]);
      totals[t] = _mm256_fmadd_ps(minima[g], sum, totals[t]);
    }
  }
}

// A whole panel against few tokens, straight from its packed bytes.
INLINE void multiply_few(martlet_layout layout, const uint8_t *panel, const tile *x, const int tokens,
                         float (*totals)[16]) {
  const martlet_block parts = martlet_block_of(layout);
  __m256 sums[2][FEW_TOKENS];
  UNROLL for (int t = 0; t < tokens; t++) {
    sums[0][t] = _mm256_loadu_ps(totals[t]);
    sums[1][t] = _mm256_loadu_ps(totals[t] + 8);
  }
  for (size_t b = 0; b < x->blocks; b++, panel += parts.size) {
    UNROLL for (size_t ahead = 0; ahead < parts.size; ahead += 64)
      _mm_prefetch((const char *)panel + 2048 + ahead, _MM_HINT_T0);
    UNROLL for (int h = 0; h < 2; h++) {
      __m256i quads[QUADS];
      __m256 scales[2], minima[2];
      UNROLL for (int c = 0; c < QUADS; c++) {
        quads[c] = take_apart(layout, parts, panel + 32 * h, c);
        if (layout.bits == 8) quads[c] = _mm256_xor_si256(quads[c], _mm256_set1_epi8(-128));
      }
      UNROLL for (int g = 0; g < 32 / layout.group; g++) {
        scales[g] = halves(panel + 32 * g + 16 * h);
        minima[g] = minimum_of(layout, parts, panel + 16 * h, g, scales[g]);
      }
      add_block(layout, quads, scales, minima, x, b, tokens, sums[h]);
    }
  }
  UNROLL for (int t = 0; t < tokens; t++) {
    _mm256_storeu_ps(totals[t], sums[0][t]);
    _mm256_storeu_ps(totals[t] + 8, sums[1][t]);
  }
}

// The sums of blocks begin..<end of one token as floats, times the scale of their block.
INLINE void scale_sums(martlet_layout layout, const martlet_activations *x, size_t token, size_t begin, size_t end,
                       float *out) {
  const float *scales = x->scales + token * (x->columns / 32);
  const int16_t *sums = x->sums + token * (x->columns / 16);
  size_t b = begin;
  if (layout.has_minima && layout.group == 32) {
    memcpy(out, x->totals + token * (x->columns / 32) + begin, (end - begin) * sizeof(float));
  } else if (layout.group == 32) {
    for (; b + 8 <= end; b += 8, out += 8) {
      __m256i pairs = load((const uint8_t *)(sums + 2 * b));
      __m256 whole = _mm256_cvtepi32_ps(_mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
      _mm256_storeu_ps(out, _mm256_mul_ps(whole, _mm256_loadu_ps(scales + b)));
    }
    for (; b < end; b++) *out++ = scales[b] * (float)(sums[2 * b] + sums[2 * b + 1]);
  } else {
    for (; b < end; b++) {
      *out++ = scales[b] * (float)sums[2 * b];
      *out++ = scales[b] * (float)sums[2 * b + 1];
    }
  }
}

INLINE void start_totals(size_t tokens, size_t rows, const float *bias, float (*totals)[16]) {
  memset(totals, 0, tokens * sizeof totals[0]);
  if (!bias) return;
  for (size_t t = 0; t < tokens; t++) memcpy(totals[t], bias, rows * sizeof(float));
}

INLINE void store_totals(size_t tokens, size_t rows, float (*totals)[16], float *y, size_t y_stride) {
  for (size_t t = 0; t < tokens; t++) {
    if (rows == 16) {
      _mm256_storeu_ps(y + t * y_stride, _mm256_loadu_ps(totals[t]));
      _mm256_storeu_ps(y + t * y_stride + 8, _mm256_loadu_ps(totals[t] + 8));
    } else {
      memcpy(y + t * y_stride, totals[t], rows * sizeof(float));
    }
  }
}

// Few tokens over all panels. Sums are prepared once where a panel's width allows it.
INLINE void multiply_all_few(martlet_layout layout, const uint8_t *panels, size_t rows, const martlet_activations *x,
                             const int tokens, const float *bias, float *y, size_t y_stride) {
  size_t panel_bytes = martlet_panel_bytes(layout, x->columns), blocks = x->columns / 32;
  size_t stride = x->columns / layout.group;
  float sums[FEW_TOKENS * MOST_SUMS], totals[FEW_TOKENS][16];
  for (int t = 0; t < tokens; t++) scale_sums(layout, x, (size_t)t, 0, blocks, sums + (size_t)t * stride);
  tile part = {x->quantized, x->scales, sums, x->columns, blocks, stride};
  for (size_t r = 0; r < rows; r += 16, panels += panel_bytes) {
    size_t count = rows - r < 16 ? rows - r : 16;
    start_totals((size_t)tokens, count, bias ? bias + r : NULL, totals);
    multiply_few(layout, panels, &part, tokens, totals);
    store_totals((size_t)tokens, count, totals, y + r, y_stride);
  }
}

// The 32 columns of a block as floats: [32][16 rows].
INLINE void decode_block(martlet_layout layout, const uint8_t *block, float out[32][16]) {
  const martlet_block parts = martlet_block_of(layout);
  UNROLL for (int h = 0; h < 2; h++) {
    UNROLL for (int c = 0; c < QUADS; c++) {
      int group = 4 * c / layout.group;
      __m256 scale = halves(block + 32 * group + 16 * h);
      __m256 minimum = minimum_of(layout, parts, block + 16 * h, group, scale);
      __m256i quad = take_apart(layout, parts, block + 32 * h, c);
      UNROLL for (int j = 0; j < 4; j++) {
        __m256i q = _mm256_and_si256(_mm256_srli_epi32(quad, 8 * j), _mm256_set1_epi32(255));
        _mm256_storeu_ps(out[4 * c + j] + 8 * h, _mm256_fmadd_ps(_mm256_cvtepi32_ps(q), scale, minimum));
      }
    }
  }
}

INLINE void multiply_floats(float weights[32][16], const float *values, size_t columns, const int tokens,
                            float (*totals)[16]) {
  __m256 sums[2][EXACT_TOKENS];
  UNROLL for (int t = 0; t < tokens; t++)
    UNROLL for (int h = 0; h < 2; h++) sums[h][t] = _mm256_loadu_ps(totals[t] + 8 * h);
  for (size_t c = 0; c < 32; c++) {
    __m256 low = _mm256_loadu_ps(weights[c]), high = _mm256_loadu_ps(weights[c] + 8);
    UNROLL for (int t = 0; t < tokens; t++) {
      __m256 x = _mm256_set1_ps(values[(size_t)t * columns + c]);
      sums[0][t] = _mm256_fmadd_ps(low, x, sums[0][t]);
      sums[1][t] = _mm256_fmadd_ps(high, x, sums[1][t]);
    }
  }
  UNROLL for (int t = 0; t < tokens; t++)
    UNROLL for (int h = 0; h < 2; h++) _mm256_storeu_ps(totals[t] + 8 * h, sums[h][t]);
}

// With float activations: a block's weights as floats in turn, against all tokens of a group.
INLINE void multiply_exactly(martlet_layout layout, const uint8_t *panels, size_t rows, const martlet_activations *x,
                             const float *bias, float *y, size_t y_stride) {
  const martlet_block parts = martlet_block_of(layout);
  size_t panel_bytes = martlet_panel_bytes(layout, x->columns);
  float weights[32][16], totals[EXACT_GROUP][16];
  for (size_t first = 0; first < x->tokens; first += EXACT_GROUP) {
    size_t tokens = x->tokens - first < EXACT_GROUP ? x->tokens - first : EXACT_GROUP;
    for (size_t r = 0; r < rows; r += 16) {
      size_t count = rows - r < 16 ? rows - r : 16;
      const uint8_t *block = panels + r / 16 * panel_bytes;
      start_totals(tokens, count, bias ? bias + r : NULL, totals);
      for (size_t c = 0; c < x->columns; c += 32, block += parts.size) {
        decode_block(layout, block, weights);
        const float *values = x->values + first * x->columns + c;
        size_t t = 0;
        for (; t + EXACT_TOKENS <= tokens; t += EXACT_TOKENS)
          multiply_floats(weights, values + t * x->columns, x->columns, EXACT_TOKENS, totals + t);
        for (; t < tokens; t++) multiply_floats(weights, values + t * x->columns, x->columns, 1, totals + t);
      }
      store_totals(tokens, count, totals, y + first * y_stride + r, y_stride);
    }
  }
}

#endif
